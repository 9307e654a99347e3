"""How files of a title are deleted, whoever asks for it: what proves and protects them, and steps.

Pure. What is asked of whom stands in `facts`, what is against it in `proofs`, how it is done in
`steps`, and whether it may still be done right before in `recheck`.
"""
