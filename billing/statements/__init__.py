"""What moved in a month or any stretch of days: for people, accountants and their programs."""
