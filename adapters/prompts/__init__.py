"""The instructions of the language model: one file a version, `ID.NUMBER.txt`; the highest number is in use.

`common` stands before each of the others. A version that was published is never changed: a new text gets the next
number, so that the version on a draft says for ever what the model was told.
"""
