import time, statistics, pytest
from tests.accounts import Accounts, basic, bearer, PASSWORD
import tests.accounts as ta
from domain.passwords import HASHER
from domain import passwords
from domain.access import Role

async def timed(n, f):
    out=[]
    for _ in range(n):
        t=time.perf_counter(); r=await f(); out.append((time.perf_counter()-t)*1000); assert r.status_code<500, r.text
    out.sort()
    return f"min {out[0]:.1f} median {statistics.median(out):.1f} max {out[-1]:.1f} ms"

async def test_measure(world, accounts, monkeypatch):
    real=HASHER.hash(PASSWORD)
    monkeypatch.setattr(ta,"hash_of_password",lambda: real)
    p=await accounts.ward_officer()
    t=[]
    for _ in range(12):
        a=time.perf_counter(); HASHER.verify(PASSWORD, real); t.append((time.perf_counter()-a)*1000)
    t.sort()
    print("\n", world.database.dialect); print("hash alone   min %.1f median %.1f"%(t[0],statistics.median(t)))
    print("sign-in      ", await timed(12, lambda: accounts.desk().post("/v1/sessions", json=p.body())))
    print("unknown login", await timed(12, lambda: accounts.desk().post("/v1/sessions", json={"login":"n-%d"%time.perf_counter_ns(),"password":PASSWORD})))
    q=[await accounts.ward_officer() for _ in range(12)]
    it=iter(q)
    print("wrong pw     ", await timed(12, lambda: accounts.desk().post("/v1/sessions", json=next(it).body(password="something-else"))))
    s=await accounts.signed_in(p); box=[s["refresh_token"]]
    async def refresh():
        r=await world.client.post("/v1/sessions/refresh", json={"refresh_token":box[0]}); box[0]=r.json()["refresh_token"]; return r
    print("refresh      ", await timed(60, refresh))
    own=await world.municipality(); c,(sec,)=await accounts.program("offices:read",municipality_id=own)
    d=iter([await accounts.program("offices:read",municipality_id=own) for _ in range(40)])
    def tok():
        c,(sec,)=next(d)
        return accounts.desk().post("/oauth/token",data={"grant_type":"client_credentials"},headers=basic(c["client_id"],sec))
    print("oauth token  ", await timed(40, tok))
    h=bearer(s)
    print("me           ", await timed(60, lambda: world.client.get("/v1/me",headers=h)))
    w=await world.sign_in(Role.WARD_STAFF,municipality_id=own)
    print("users list   ", await timed(60, lambda: world.client.get("/v1/users",headers=w)))
