"""Save a fiscal year's monthly counts as CSV: python docs/examples/monthly_counts.py 2026 counts.csv."""

import os
import sys
from pathlib import Path

import httpx

year, target = sys.argv[1:]
with httpx.Client(base_url=os.environ["KIKAN_URL"], timeout=30) as http:
    client = (os.environ["KIKAN_CLIENT_ID"], os.environ["KIKAN_CLIENT_SECRET"])
    granted = http.post("/oauth/token", auth=client, data={"grant_type": "client_credentials"}).raise_for_status()
    http.headers["Authorization"] = f"Bearer {granted.json()['access_token']}"
    asked = {"fiscal_year": year, "group_by": "month,kind", "metric": "held_count"}
    counts = http.get("/v1/activity_counts.csv", params=asked).raise_for_status()
    Path(target).write_bytes(counts.content)
