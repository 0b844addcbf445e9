"""HTTP for all rooms: requests, refusals, visitors, files, the server."""
