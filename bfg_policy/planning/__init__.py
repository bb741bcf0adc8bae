"""What would be: a scenario under suppositions, and the shortest way from it to a goal.

Nothing is written and nothing is guessed: what a proof lacks is what its evaluation says.
"""
