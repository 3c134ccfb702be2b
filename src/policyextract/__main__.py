"""``python -m policyextract`` is ``policyextract``."""

from policyextract.cli import main

if __name__ == "__main__":
    main()
