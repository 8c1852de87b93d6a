"""演示大学: the invented 江海经贸大学 lives through a closed 2025 and a 2026 in full swing.

Only for machines with DEBUG on (``manage.py load_demo``). Nothing here is a rule of the product: the rules come from the
regulation as data, and every duty is opened, moved, waived and proved by the same services the pages call. What volume
asks for is written in bulk with the history those services would have left; a test recomputes it.
"""
