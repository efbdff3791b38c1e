"""The tour: every algorithm trained on real data, its score beside the reference library's.

`entries` says what there is, one file per package (`linear_model`, ...) lists its algorithms; `run`
trains and times them; `pictures` draws; `terminal` talks to the user.
"""
