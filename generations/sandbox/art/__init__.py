"""How the sandbox paints: brushes, palettes, skies, lands and the things that stand in them."""
