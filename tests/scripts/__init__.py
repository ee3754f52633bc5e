"""The scripts of this project, on computers that lack something."""
