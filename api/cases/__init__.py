"""Cases: what an office works on, with owner, deadline, history and figures."""
