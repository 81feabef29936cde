"""The auditor: keeps its own books in plain Python, and says where the product's differ.

It shares no code with the product and reads nothing of it but the tables that it checks. It knows
what the partners served (`partner.Served`), what people did (`steps`), and the references.
"""
