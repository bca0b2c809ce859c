"""Packs what students need, and nothing else, into one zip."""
