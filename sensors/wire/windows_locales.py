"""Keyboard layouts by number (MS-LCID): what a Windows client says of its user's language."""

from __future__ import annotations

from typing import Final

# Names as Zeek's rdp.log has them.
KEYBOARDS: Final = {
    1025: "Arabic - Saudi Arabia", 1026: "Bulgarian", 1027: "Catalan", 1028: "Chinese - Taiwan",
    1029: "Czech", 1030: "Danish", 1031: "German - Germany", 1032: "Greek",
    1033: "English - United States", 1034: "Spanish - Spain (Traditional Sort)", 1035: "Finnish",
    1036: "French - France", 1037: "Hebrew", 1038: "Hungarian", 1039: "Icelandic",
    1040: "Italian - Italy", 1041: "Japanese", 1042: "Korean", 1043: "Dutch - Netherlands",
    1044: "Norwegian (Bokmal)", 1045: "Polish", 1046: "Portuguese - Brazil", 1048: "Romanian",
    1049: "Russian", 1050: "Croatian", 1051: "Slovak", 1052: "Albanian - Albania", 1053: "Swedish",
    1054: "Thai", 1055: "Turkish", 1056: "Urdu", 1057: "Indonesian", 1058: "Ukrainian",
    1060: "Slovenian", 1061: "Estonian", 1062: "Latvian", 1063: "Lithuanian", 1064: "Tajik",
    1065: "Farsi", 1066: "Vietnamese", 1067: "Armenian - Armenia", 1068: "Azeri (Latin)",
    1069: "Basque", 1074: "Tswana", 1076: "Xhosa", 1077: "Zulu", 1078: "Afrikaans - South Africa",
    1079: "Georgian", 1080: "Faroese", 1081: "Hindi", 1082: "Maltese 48-key", 1085: "Yiddish",
    1086: "Malay - Malaysia", 1087: "Kazakh", 1088: "Kyrgyz (Cyrillic)", 1089: "Swahili",
    1090: "Turkmen", 1091: "Uzbek (Latin)", 1092: "Tatar", 1093: "Bengali (India)",
    1094: "Punjabi", 1095: "Gujarati", 1096: "Oriya", 1097: "Tamil", 1098: "Telugu",
    1099: "Kannada", 1100: "Malayalam", 1101: "Assamese", 1102: "Marathi", 1103: "Sanskrit",
    1104: "Mongolian (Cyrillic)", 1105: "Tibetan - People's Republic of China", 1106: "Welsh",
    1107: "Khmer", 1108: "Lao", 1109: "Burmese", 1110: "Galician", 1114: "Syriac",
    1118: "Amharic - Ethiopia", 1121: "Nepali", 1123: "Pashto", 1124: "Filipino", 1125: "Divehi",
    1133: "Bashkir", 1144: "Yi", 1152: "Uighur - China", 1157: "Yakut", 2049: "Arabic - Iraq",
    2052: "Chinese - People's Republic of China", 2055: "German - Switzerland",
    2057: "English - United Kingdom", 2058: "Spanish - Mexico", 2060: "French - Belgium",
    2064: "Italian - Switzerland", 2067: "Dutch - Belgium", 2068: "Norwegian (Nynorsk)",
    2070: "Portuguese - Portugal", 2072: "Romanian - Moldava", 2073: "Russian - Moldava",
    2074: "Serbian (Latin)", 2077: "Swedish - Finland", 2092: "Azeri (Cyrillic)",
    2110: "Malay - Brunei Darussalam", 2115: "Uzbek (Cyrillic)", 2117: "Bengali (Bangladesh)",
    2128: "Mongolian (Mongolian)", 2129: "Tibetan - Bhutan", 2143: "Tamazight (Latin)",
    3073: "Arabic - Egypt", 3076: "Chinese - Hong Kong SAR", 3079: "German - Austria",
    3081: "English - Australia", 3082: "Spanish - Spain (Modern Sort)", 3084: "French - Canada",
    3098: "Serbian (Cyrillic)", 4097: "Arabic - Libya", 4100: "Chinese - Singapore",
    4103: "German - Luxembourg", 4105: "English - Canada", 4106: "Spanish - Guatemala",
    4108: "French - Switzerland", 5121: "Arabic - Algeria", 5124: "Chinese - Macao SAR",
    5127: "German - Liechtenstein", 5129: "English - New Zealand", 5130: "Spanish - Costa Rica",
    5132: "French - Luxembourg", 6145: "Arabic - Morocco", 6153: "English - Ireland",
    6154: "Spanish - Panama", 7169: "Arabic - Tunisia", 7177: "English - South Africa",
    7178: "Spanish - Dominican Republic", 8193: "Arabic - Oman", 8201: "English - Jamaica",
    8202: "Spanish - Venezuela", 9217: "Arabic - Yemen", 9225: "English - Caribbean",
    9226: "Spanish - Colombia", 10241: "Arabic - Syria", 10249: "English - Belize",
    10250: "Spanish - Peru", 11265: "Arabic - Jordan", 11273: "English - Trinidad",
    11274: "Spanish - Argentina", 12289: "Arabic - Lebanon", 12297: "English - Zimbabwe",
    12298: "Spanish - Ecuador", 13313: "Arabic - Kuwait", 13321: "English - Philippines",
    13322: "Spanish - Chile", 14337: "Arabic - U.A.E.", 14346: "Spanish - Uruguay",
    15361: "Arabic - Bahrain", 15370: "Spanish - Paraguay", 16385: "Arabic - Qatar",
    16393: "English - India", 16394: "Spanish - Bolivia", 17417: "English - Malaysia",
    17418: "Spanish - El Salvador", 18441: "English - Singapore", 18442: "Spanish - Honduras",
    19466: "Spanish - Nicaragua", 20490: "Spanish - Puerto Rico", 21514: "Spanish - United States",
    66567: "German (IBM)", 66569: "English - United States (Dvorak)",
    132105: "English - United States (International)", 66581: "Polish (214)",
    66585: "Russian (Typewriter)", 66591: "Turkish F",
}  # fmt: skip


def keyboard(number: int) -> str:
    """The layout's name; that of its language where the variant is not known."""
    if number in KEYBOARDS:
        return KEYBOARDS[number]
    language = KEYBOARDS.get(number & 0xFFFF)
    return f"{language} (Best Guess for {number})" if language else f"keyboard-{number}"
