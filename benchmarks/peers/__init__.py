"""Peers that the gateway is measured beside."""
