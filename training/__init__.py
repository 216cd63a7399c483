"""How the weights in ``service/scoring/weights`` are made: read a folder of labelled comments, train, calibrate,
quantise, evaluate. Nothing here is part of the running product, and nothing here fetches anything."""
