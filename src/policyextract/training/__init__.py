"""Training of the shipped models; needs the extra ``train`` (``pip install 'policyextract[train]'``).

Nothing of the tool's run time imports this package, and it alone imports torch.
"""
