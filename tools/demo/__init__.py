"""The invented demo clients, part by part; ``make_demo_clients.py`` writes them."""
