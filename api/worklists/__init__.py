"""Work lists: who visits which households, with which forms."""
