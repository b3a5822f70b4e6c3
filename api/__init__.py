"""The HTTP surface of kikan. No rule and no query lives here.

Everything made while the modules load lives until the end: looking for garbage among it costs a fifth of the start, so
collection rests until ``create_app`` or the command line switch it on again.
"""

import gc

gc.disable()
