"""Rules on what is asked of banners: reports, self-checks, funds, plans and land-use indicators."""
