"""Reading what the providers themselves have counted: days of tokens, and what they cost.

A source words its requests and reads its pages, without any network; `reading` asks for them,
`reckoning` compares what was told with what is recorded, `feeds` keeps who is read when.
"""
