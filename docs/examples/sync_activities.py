"""Keep a copy of the activities in step: python docs/examples/sync_activities.py copy.json; run it again and again."""

import json
import os
import sys
from pathlib import Path

import httpx

file = Path(sys.argv[1])
kept = json.loads(file.read_text("utf-8")) if file.exists() else {"cursor": "start", "rows": {}}
with httpx.Client(base_url=os.environ["KIKAN_URL"], timeout=30) as http:
    client = (os.environ["KIKAN_CLIENT_ID"], os.environ["KIKAN_CLIENT_SECRET"])
    granted = http.post("/oauth/token", auth=client, data={"grant_type": "client_credentials"}).raise_for_status()
    http.headers["Authorization"] = f"Bearer {granted.json()['access_token']}"
    while True:
        asked = {"changed_after": kept["cursor"], "include_deleted": "true", "limit": 200}
        page = http.get("/v1/activities", params=asked).raise_for_status().json()
        for row in page["results"]:
            if row["deleted_at"]:
                kept["rows"].pop(row["id"], None)
            else:
                kept["rows"][row["id"]] = row
        kept["cursor"] = page["resultset"]["next_cursor"] or kept["cursor"]
        file.write_text(json.dumps(kept, ensure_ascii=False), "utf-8")
        if len(page["results"]) < asked["limit"]:
            break
