"""What turns a computer into a terminal and back: releases side by side, the people's data, units. Standard library
only, any Python from 3.10 on: it runs before anything of the product is installed.
"""
