"""Templates in a sandbox, and the quoting of each output language.

`renderer.Renderer` renders templates; `visible.visible` makes strangers' text safe to look at.
Nothing is imported here, so that whoever needs the latter does not pay for the former.
"""
