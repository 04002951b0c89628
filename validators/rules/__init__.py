"""One rule a file, named as its id; files that begin with an underscore hold what the rules of an area share."""
