"""Bodies of requests as they might be sent, by operation. A test sends every one of them to a running service."""

from typing import Any

from api.contract.words import TYPICAL

_OFFICE, _CENTRE = TYPICAL["office_id"], TYPICAL["centre_id"]
_PASSWORD = "nagai-aikotoba-2026"  # noqa: S105 - an example
_TOKEN = "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiJtZWd1cm8tY291bnRzIn0.c2lnbmF0dXJl"  # noqa: S105 - an example
_OPAQUE = "Q0vJm3c8fS1yR7dTzXkLw2nHbA5eU9pG4iVtO6sWqE0"

_NEW_OFFICE = {
    "name": "光の丘相談室",
    "name_kana": "ひかりのおかそうだんしつ",
    "municipality_id": TYPICAL["municipality_id"],
    "telephone": "03-0000-0000",
    "designations": [{"kind": "specific", "designated_on": "2025-04-01"}],
}
_PERSON = {
    "office_id": _OFFICE,
    "name": "相談 花子",
    "name_kana": "そうだん はなこ",
    "employment": "full_time",
    "qualifications": [{"code": "consultation_specialist", "obtained_on": "2024-02-20"}],
}
_VISIT = {
    "office_id": _OFFICE,
    "held_on": "2026-10-14",
    "starts_at": "13:30",
    "ends_at": "15:00",
    "menus": ["supervision", "case"],
    "findings": "計画の見直しの時期を一緒に考えた。",
    "follow_up_due_on": "2026-12-14",
}
_PLANNED_VISIT = {"office_id": _OFFICE, "planned_on": "2026-12-14", "menus": ["plan"]}
_GROUP = {
    "session_type": "group",
    "title": "グループスーパービジョン",
    "held_on": "2026-10-20",
    "case_label": "2026-07",
    "has_consent": True,
    "offices": [{"office_id": _OFFICE, "side": "presenter"}],
    "summary": "本人の望む暮らしから支援を組み立て直した。",
}
_CONFERENCE = {"session_type": "case_conference", "title": "事例検討会", "planned_on": "2027-01-19"}
_TRAINING = {
    "category": "workforce_development",
    "theme": "本人と家族のエンパワメントを生かした相談支援",
    "audience": ["newcomer"],
    "capacity": 30,
    "held_on": "2026-10-09",
    "offices": [{"office_id": _OFFICE, "participant_count": 2}],
    "lecturers": [{"name": "講師 一郎", "affiliation": "学識経験者", "is_external": True}],
}
_PLANNED_TRAINING = {"category": "rights_protection", "theme": "成年後見と権利擁護", "planned_on": "2027-02-05"}
_MEETING = {"kind": "meeting", "body": "steering_meeting", "title": "第3回基幹運営会議", "held_on": "2026-10-21"}
_CONTACT = {"kind": "liaison_contact", "title": "関係機関との連絡調整", "planned_on": "2026-12-03"}
_ITEM = {
    "section_number": 3,
    "section_title": "地域の相談支援体制の強化",
    "code": "3-(1)",
    "title": "研修会の開催",
    "centre_role": "host",
    "frequency_text": "年2回以上",
    "contents": ["相談支援専門員の段階に応じた研修を企画し、開催する。"],
}
_PROGRAMME = {
    "centre_id": _CENTRE,
    "title": "基幹相談支援センター事業内容一覧",
    "valid_from_fiscal_year": 2026,
    "items": [_ITEM],
}
_REGISTER = (
    "都道府県コード又は市区町村コード,法人の名称,サービス種別,事業所の名称,事業所の名称_かな,事業所番号,"
    "事業所住所（市区町村）,事業所住所（番地以降）,事業所電話番号\r\n"
    "13000,社会福祉法人見本会,計画相談支援,光の丘相談室,ひかりのおかそうだんしつ,1331000008,"
    "東京都目黒区,上目黒2丁目19番15号,03-0000-0000\r\n"
)

REQUESTS: dict[str, Any] = {
    "sign_in_person": {"login": "meguro-ward", "password": _PASSWORD},
    "refresh_session": {"refresh_token": _OPAQUE},
    "issue_token": {"grant_type": "client_credentials", "scope": "activity_counts:read work_plans:read"},
    "revoke_token": {"token": _TOKEN, "token_type_hint": "access_token"},
    "introspect_token": {"token": _TOKEN},
    "change_password": {"old_password": _PASSWORD, "new_password": "atarashii-aikotoba-2027"},
    "start_totp": {"password": _PASSWORD},
    "confirm_totp": {"code": "123456"},
    "remove_totp": {"password": _PASSWORD},
    "accept_invitation": {"token": _OPAQUE, "password": _PASSWORD},
    "create_user": {
        "login": "suzuki@meguro",
        "name": "鈴木 花子",
        "assignment": {"role": "office_user", "office_id": _OFFICE},
    },
    "change_user": {"name": "鈴木 花子"},
    "add_assignment": {"role": "office_user", "office_id": _OFFICE},
    "create_client": {
        "name": "統計連携バッチ",
        "scopes": ["activity_counts:read", "work_plans:read"],
        "municipality_id": TYPICAL["municipality_id"],
    },
    "change_client": {"name": "統計連携バッチ(夜間)"},
    "add_municipality": {
        "id": "131105",
        "kind": "special_ward",
        "prefecture": "東京都",
        "name": "目黒区",
        "name_kana": "めぐろく",
    },
    "change_municipality": {"labels": {"centre": "基幹"}, "free_text_policy": "refuse"},
    "add_centre": {
        "name": "目黒区基幹相談支援センター",
        "name_kana": "めぐろくきかんそうだんしえんせんたー",
        "operation_mode": "commissioned",
        "opened_on": "2024-04-01",
    },
    "change_centre": {"nickname": "きかん", "telephone": "03-0000-0000"},
    "cover_municipality": {"municipality_id": TYPICAL["municipality_id"], "valid_from": "2026-04-01"},
    "end_coverage": {"valid_to": "2027-03-31"},
    "set_hours": {
        "results": [
            {"weekday": day, "opens_at": "08:30", "closes_at": "17:15"} for day in ("mon", "tue", "wed", "thu", "fri")
        ]
    },
    "set_closure": {"kind": "closed", "reason": "館内設備の点検"},
    "add_staffing": {
        "employment": "full_time",
        "is_dedicated": True,
        "post": "主任相談支援専門員",
        "person_count": 2,
        "valid_from": "2026-04-01",
    },
    "change_staffing": {"person_count": 3},
    "add_office": _NEW_OFFICE,
    "add_offices": {"rows": [_NEW_OFFICE, {**_NEW_OFFICE, "name": "みどり相談室", "name_kana": "みどりそうだんしつ"}]},
    "upsert_office": _NEW_OFFICE,
    "change_office": {"telephone": "03-0000-0001", "is_core_office": True},
    "import_office_register": _REGISTER,
    "add_person": _PERSON,
    "add_people": {"rows": [_PERSON, {**_PERSON, "name": "支援 太郎", "name_kana": "しえん たろう"}]},
    "change_person": {"post": "管理者", "is_chief_specialist": True},
    "record_office_visit": _VISIT,
    "record_office_visits": {"rows": [_VISIT, _PLANNED_VISIT]},
    "upsert_office_visit": _VISIT,
    "change_office_visit": {"status": "held", "held_on": "2026-10-14", "next_action": "12月に再訪する。"},
    "write_reflection_sheet": {
        "note": "本人の言葉を計画に書き留めることから始める。",
        "lines": [{"viewpoint": "quality_of_life", "strengths": "本人の得意なことがよく記されている。"}],
    },
    "share_reflection_sheet": {"shared_with_ward": True},
    "record_supervision_session": _GROUP,
    "record_supervision_sessions": {"rows": [_GROUP, _CONFERENCE]},
    "upsert_supervision_session": _GROUP,
    "change_supervision_session": {"has_after_talk": True, "after_talk_note": "次回は別の事業所が事例を出す。"},
    "record_training_event": _TRAINING,
    "record_training_events": {"rows": [_TRAINING, _PLANNED_TRAINING]},
    "upsert_training_event": _TRAINING,
    "change_training_event": {"capacity": 40, "survey_summary": "事例の演習が役に立ったという声が多い。"},
    "record_activity": _MEETING,
    "record_activities": {"rows": [_MEETING, _CONTACT]},
    "upsert_activity": _MEETING,
    "change_activity": {"title": "第3回基幹運営会議(臨時)", "participant_count": 9},
    "record_work_programme": _PROGRAMME,
    "replace_work_programme": _PROGRAMME,
    "change_work_programme": {"source": "令和8年度 委託仕様書 別紙"},
    "add_work_programme_item": {**_ITEM, "code": "3-(2)", "title": "事例検討会の開催", "frequency_text": "2月に1回"},
    "replace_work_programme_item": {**_ITEM, "frequency_text": "年3回以上"},
    "generate_work_plan": {"centre_id": _CENTRE, "fiscal_year": 2027},
    "change_work_plan": {"note": "運営会議での意見を反映した。"},
    "adopt_work_plan": {"meeting": "令和8年度第4回基幹運営会議"},
    "submit_work_plan": {"note": "運営会議で確定しました。"},
    "approve_work_plan": {"note": "承認します。"},
    "return_work_plan": {"reason": "研修の回数を見直してください。"},
    "change_work_plan_item": {"notes": ["講師の日程は3か月前に調整する。"]},
    "link_work_plan": {},
    "revise_target": {
        "effective_on": "2026-10-01",
        "to_text": "年3回",
        "reason": "新任の相談支援専門員が増えたため。",
        "decided_at": "第3回基幹運営会議",
    },
    "parse_frequency": {"text": "偶数月第3または第4木曜日", "fiscal_year": 2026},
}
