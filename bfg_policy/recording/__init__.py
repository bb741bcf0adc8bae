"""What owners do, as text: acceptances and withdrawals as files, waivers as edits of a file.

Nothing here writes: `cli` shows what is made, and `writer` puts it in place.
"""
