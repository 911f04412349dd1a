"""The story of an incident: what its alerts say, told to people, within bounds whatever their number.

    alerts → activities (who, by which rule, upon whom, how often in each slot of time)
           → sentences, timeline, graph, marks for likeness

Pure, and a function of the set of alerts: their order changes nothing.
"""
