"""What somebody may have done with what we know about them: a copy, an end, a time limit."""
