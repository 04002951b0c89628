"""Rules on what is asked of sites: facilities, schools, health, organisation, services, work and industry."""
