"""Files of the national office register, and a desk to send them from."""

import csv
import io
from typing import Any

from domain.access import Role
from domain.places.office_numbers import check_digit
from tests.world import World

HEADING = (
    "都道府県コード又は市区町村コード",
    "NO（※システム内の固有の番号、連番）",
    "指定機関名",
    "法人の名称",
    "法人の名称_かな",
    "法人番号",
    "法人住所（市区町村）",
    "法人住所（番地以降）",
    "法人電話番号",
    "法人FAX番号",
    "法人URL",
    "サービス種別",
    "事業所の名称",
    "事業所の名称_かな",
    "事業所番号",
    "事業所住所（市区町村）",
    "事業所住所（番地以降）",
    "事業所電話番号",
    "事業所FAX番号",
    "事業所URL",
    "事業所緯度",
    "事業所経度",
    "利用可能な時間帯（平日）",
    "利用可能な時間帯（土曜）",
    "利用可能な時間帯（日曜）",
    "利用可能な時間帯（祝日）",
    "定休日",
    "利用可能曜日特記事項（留意事項）",
    "定員",
)
PLAN, CHILD = "計画相談支援", "障害児相談支援"
TRANSITION, SETTLEMENT = "地域相談支援（地域移行支援）", "地域相談支援（地域定着支援）"
Line = dict[str, str]


def number(stem: int, kind: str = "3") -> str:
    text = f"13{kind}01{stem:04d}"
    return text + check_digit(text)


def line(name: str, office_number: str, service: str = PLAN, **more: str) -> Line:
    return {
        "都道府県コード又は市区町村コード": "13000",
        "NO（※システム内の固有の番号、連番）": "A0000000001",
        "法人の名称": "社会福祉法人試験会",
        "サービス種別": service,
        "事業所の名称": name,
        "事業所の名称_かな": "しけん",
        "事業所番号": office_number,
        "事業所住所（市区町村）": "東京都試験市",
        "事業所住所（番地以降）": "１－２－３",
        "事業所電話番号": "03-0000-0000",
        "事業所URL": "https://office.example/",
        **more,
    }


def file_of(*lines: Line, heading: tuple[str, ...] = HEADING, encoding: str = "utf-8-sig") -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(heading)
    writer.writerows([row.get(name, "") for name in heading] for row in lines)
    return out.getvalue().encode(encoding)


class Desk:
    """A ward officer at work on the register."""

    def __init__(self, world: World, own: str, caller: dict[str, str]) -> None:
        self.world, self.own, self.caller = world, own, caller

    async def send(self, body: bytes, query: str = "", **headers: str) -> Any:
        path = f"/v1/offices/register_imports?municipality_id={self.own}{query}"
        return await self.world.client.post(
            path, headers={**self.caller, "Content-Type": "text/csv", **headers}, content=body
        )

    async def offices(self) -> list[dict[str, Any]]:
        listed = await self.world.client.get("/v1/offices?limit=200", headers=self.caller)
        rows: list[dict[str, Any]] = listed.json()["results"]
        return rows


async def desk_of(world: World, **more: Any) -> Desk:
    own = await world.municipality(**more)
    return Desk(world, own, await world.sign_in(Role.WARD_STAFF, municipality_id=own))


def counts(outcome: dict[str, Any]) -> tuple[int, int, int]:
    return outcome["created_count"], outcome["updated_count"], outcome["unchanged_count"]
