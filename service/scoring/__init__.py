"""The trained scorers: text in, a probability for each label out. They know no case, no policy and no database."""
