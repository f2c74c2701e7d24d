"""Kills the real service at named and at random moments while replies leave through Gmail, and counts the mails.

`zygote` starts services quickly, `kills` says where they die, `rounds` plays, `report` counts: `make torture`.
"""
