"""What the codes of the ledger are called in Japanese: kinds, roles, meeting bodies, themes, needs. Pure.

Bodies, themes and needs are codes that a recorder may add to; these are the ones the documents name. Source: domain
sources sections 2.2 and 2.3, `docs/glossary.csv`.
"""

KIND_JA = {
    "office_visit": "事業所訪問",
    "supervision_session": "スーパービジョン",
    "case_conference": "事例検討会",
    "training_event": "研修会",
    "practicum": "実習",
    "meeting": "会議",
    "backup_consultation": "後方支援",
    "liaison_contact": "関係機関連携",
    "information_bulletin": "情報発信",
    "guideline_revision": "ガイドライン改定",
    "publicity": "周知",
    "peer_gathering": "当事者の集い",
    "rights_consultation": "権利擁護相談会",
    "direct_consultation": "個別相談",
    "other": "その他",
}
ROLE_JA = {
    "host": "主催",
    "secretariat": "事務局",
    "joint_secretariat": "共同事務局",
    "participate": "参加",
    "coordinate": "調整",
    "backup": "後方支援",
    "operate": "運営",
}
BODY_JA = {
    "steering_meeting": "基幹運営会議",
    "council": "自立支援協議会",
    "council_plenary": "全体会・本会議",
    "council_representatives": "代表者会議",
    "council_steering": "運営会議",
    "council_secretariat_meeting": "事務局会議",
    "council_regular": "定例会",
    "specialist_section": "専門部会",
    "consultation_section": "相談支援部会",
    "project_team": "プロジェクト・ワーキング",
    "individual_support_meeting": "個別支援会議",
    "service_meeting": "サービス担当者会議",
    "evaluation_conference": "ケアマネジメント評価会議",
    "office_network": "相談支援事業所ネットワーク",
    "liaison_meeting": "連絡会",
    "joint_case_conference": "共同事例検討会",
    "transition_liaison": "地域移行・地域定着連携連絡会",
    "inter_centre_liaison": "基幹相談連絡会",
    "care_provider_liaison": "介護事業者連絡会",
    "related_organization": "関係機関の会議",
    "peer_gathering": "当事者の集いの会",
    "meeting_a": "要件確認会議(A)",
    "meeting_b": "伝達等を目的とした会議(B)",
    "meeting_c": "ケース共有・事例検討会議(C)",
}
THEME_JA = {
    "operation": "運営体制",
    "hard_case": "困難事例",
    "workforce_development": "人材育成",
    "case_method": "事例検討の方法",
    "statutory_training": "相談支援従事者研修",
    "community_living": "地域生活",
    "rights_protection": "権利擁護",
    "abuse_prevention": "虐待防止",
}
NEED_JA = {"hard_case": "困難事例", "emergency": "緊急対応", "gap": "制度の狭間"}
