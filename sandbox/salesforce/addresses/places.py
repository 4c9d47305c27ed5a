"""Countries and states as a new org lists them.

Countries are those of ISO 3166-1. States are listed for the nine countries for which the vendor is said to bring them
along; which codes it has for them today is from memory, and an org's administrator may list more.
"""

from __future__ import annotations

_COUNTRIES = """
AF Afghanistan|AX Aland Islands|AL Albania|DZ Algeria|AS American Samoa|AD Andorra|AO Angola|AI Anguilla|AQ Antarctica
AG Antigua and Barbuda|AR Argentina|AM Armenia|AW Aruba|AU Australia|AT Austria|AZ Azerbaijan|BS Bahamas|BH Bahrain
BD Bangladesh|BB Barbados|BY Belarus|BE Belgium|BZ Belize|BJ Benin|BM Bermuda|BT Bhutan
BO Bolivia, Plurinational State of|BQ Bonaire, Sint Eustatius and Saba|BA Bosnia and Herzegovina|BW Botswana
BV Bouvet Island|BR Brazil|IO British Indian Ocean Territory|BN Brunei Darussalam|BG Bulgaria|BF Burkina Faso
BI Burundi|CV Cabo Verde|KH Cambodia|CM Cameroon|CA Canada|KY Cayman Islands|CF Central African Republic|TD Chad
CL Chile|CN China|CX Christmas Island|CC Cocos (Keeling) Islands|CO Colombia|KM Comoros|CG Congo
CD Congo, the Democratic Republic of the|CK Cook Islands|CR Costa Rica|HR Croatia|CU Cuba|CW Curaçao|CY Cyprus
CZ Czechia|CI Côte d'Ivoire|DK Denmark|DJ Djibouti|DM Dominica|DO Dominican Republic|EC Ecuador|EG Egypt
SV El Salvador|GQ Equatorial Guinea|ER Eritrea|EE Estonia|SZ Eswatini|ET Ethiopia|FK Falkland Islands (Malvinas)
FO Faroe Islands|FJ Fiji|FI Finland|FR France|GF French Guiana|PF French Polynesia|TF French Southern Territories
GA Gabon|GM Gambia|GE Georgia|DE Germany|GH Ghana|GI Gibraltar|GR Greece|GL Greenland|GD Grenada|GP Guadeloupe|GU Guam
GT Guatemala|GG Guernsey|GN Guinea|GW Guinea-Bissau|GY Guyana|HT Haiti|HM Heard Island and McDonald Islands
VA Holy See (Vatican City State)|HN Honduras|HK Hong Kong|HU Hungary|IS Iceland|IN India|ID Indonesia
IR Iran, Islamic Republic of|IQ Iraq|IE Ireland|IM Isle of Man|IL Israel|IT Italy|JM Jamaica|JP Japan|JE Jersey
JO Jordan|KZ Kazakhstan|KE Kenya|KI Kiribati|KP Korea, Democratic People's Republic of|KR Korea, Republic of|KW Kuwait
KG Kyrgyzstan|LA Lao People's Democratic Republic|LV Latvia|LB Lebanon|LS Lesotho|LR Liberia|LY Libya|LI Liechtenstein
LT Lithuania|LU Luxembourg|MO Macao|MG Madagascar|MW Malawi|MY Malaysia|MV Maldives|ML Mali|MT Malta
MH Marshall Islands|MQ Martinique|MR Mauritania|MU Mauritius|YT Mayotte|MX Mexico|FM Micronesia, Federated States of
MD Moldova, Republic of|MC Monaco|MN Mongolia|ME Montenegro|MS Montserrat|MA Morocco|MZ Mozambique|MM Myanmar
NA Namibia|NR Nauru|NP Nepal|NL Netherlands|NC New Caledonia|NZ New Zealand|NI Nicaragua|NE Niger|NG Nigeria|NU Niue
NF Norfolk Island|MK North Macedonia|MP Northern Mariana Islands|NO Norway|OM Oman|PK Pakistan|PW Palau
PS Palestine, State of|PA Panama|PG Papua New Guinea|PY Paraguay|PE Peru|PH Philippines|PN Pitcairn|PL Poland
PT Portugal|PR Puerto Rico|QA Qatar|RO Romania|RU Russian Federation|RW Rwanda|RE Réunion|BL Saint Barthélemy
SH Saint Helena, Ascension and Tristan da Cunha|KN Saint Kitts and Nevis|LC Saint Lucia|MF Saint Martin (French part)
PM Saint Pierre and Miquelon|VC Saint Vincent and the Grenadines|WS Samoa|SM San Marino|ST Sao Tome and Principe
SA Saudi Arabia|SN Senegal|RS Serbia|SC Seychelles|SL Sierra Leone|SG Singapore|SX Sint Maarten (Dutch part)
SK Slovakia|SI Slovenia|SB Solomon Islands|SO Somalia|ZA South Africa|GS South Georgia and the South Sandwich Islands
SS South Sudan|ES Spain|LK Sri Lanka|SD Sudan|SR Suriname|SJ Svalbard and Jan Mayen|SE Sweden|CH Switzerland
SY Syrian Arab Republic|TW Taiwan|TJ Tajikistan|TZ Tanzania, United Republic of|TH Thailand|TL Timor-Leste|TG Togo
TK Tokelau|TO Tonga|TT Trinidad and Tobago|TN Tunisia|TR Turkey|TM Turkmenistan|TC Turks and Caicos Islands|TV Tuvalu
UG Uganda|UA Ukraine|AE United Arab Emirates|GB United Kingdom|US United States
UM United States Minor Outlying Islands|UY Uruguay|UZ Uzbekistan|VU Vanuatu|VE Venezuela, Bolivarian Republic of
VN Viet Nam|VG Virgin Islands, British|VI Virgin Islands, U.S.|WF Wallis and Futuna|EH Western Sahara|YE Yemen
ZM Zambia|ZW Zimbabwe
"""
_STATES = {
    "AU": """
ACT Australian Capital Territory|NSW New South Wales|NT Northern Territory|QLD Queensland|SA South Australia
TAS Tasmania|VIC Victoria|WA Western Australia
""",
    "BR": """
AC Acre|AL Alagoas|AP Amapá|AM Amazonas|BA Bahia|CE Ceará|DF Distrito Federal|ES Espírito Santo|GO Goiás|MA Maranhão
MT Mato Grosso|MS Mato Grosso do Sul|MG Minas Gerais|PA Pará|PB Paraíba|PR Paraná|PE Pernambuco|PI Piauí
RJ Rio de Janeiro|RN Rio Grande do Norte|RS Rio Grande do Sul|RO Rondônia|RR Roraima|SC Santa Catarina|SP São Paulo
SE Sergipe|TO Tocantins
""",
    "CA": """
AB Alberta|BC British Columbia|MB Manitoba|NB New Brunswick|NL Newfoundland and Labrador|NT Northwest Territories
NS Nova Scotia|NU Nunavut|ON Ontario|PE Prince Edward Island|QC Quebec|SK Saskatchewan|YT Yukon Territories
""",
    "CN": """
34 Anhui|11 Beijing|50 Chongqing|35 Fujian|62 Gansu|44 Guangdong|45 Guangxi|52 Guizhou|46 Hainan|13 Hebei
23 Heilongjiang|41 Henan|42 Hubei|43 Hunan|32 Jiangsu|36 Jiangxi|22 Jilin|21 Liaoning|15 Nei Mongol|64 Ningxia
63 Qinghai|61 Shaanxi|37 Shandong|31 Shanghai|14 Shanxi|51 Sichuan|12 Tianjin|65 Xinjiang|54 Xizang|53 Yunnan
33 Zhejiang
""",
    "IE": """
CW Carlow|CN Cavan|CE Clare|CO Cork|DL Donegal|D Dublin|G Galway|KY Kerry|KE Kildare|KK Kilkenny|LS Laois|LM Leitrim
LK Limerick|LD Longford|LH Louth|MO Mayo|MH Meath|MN Monaghan|OY Offaly|RN Roscommon|SO Sligo|TA Tipperary
WD Waterford|WH Westmeath|WX Wexford|WW Wicklow
""",
    "IN": """
AN Andaman and Nicobar Islands|AP Andhra Pradesh|AR Arunachal Pradesh|AS Assam|BR Bihar|CH Chandigarh|CT Chhattisgarh
DN Dadra and Nagar Haveli|DD Daman and Diu|DL Delhi|GA Goa|GJ Gujarat|HR Haryana|HP Himachal Pradesh
JK Jammu and Kashmir|JH Jharkhand|KA Karnataka|KL Kerala|LD Lakshadweep|MP Madhya Pradesh|MH Maharashtra|MN Manipur
ML Meghalaya|MZ Mizoram|NL Nagaland|OR Odisha|PY Puducherry|PB Punjab|RJ Rajasthan|SK Sikkim|TN Tamil Nadu
TG Telangana|TR Tripura|UT Uttarakhand|UP Uttar Pradesh|WB West Bengal
""",
    "IT": """
AG Agrigento|AL Alessandria|AN Ancona|AO Aosta|AR Arezzo|AP Ascoli Piceno|AT Asti|AV Avellino|BA Bari
BT Barletta-Andria-Trani|BL Belluno|BN Benevento|BG Bergamo|BI Biella|BO Bologna|BZ Bolzano|BS Brescia|BR Brindisi
CA Cagliari|CL Caltanissetta|CB Campobasso|CE Caserta|CT Catania|CZ Catanzaro|CH Chieti|CO Como|CS Cosenza|CR Cremona
KR Crotone|CN Cuneo|EN Enna|FM Fermo|FE Ferrara|FI Florence|FG Foggia|FC Forlì-Cesena|FR Frosinone|GE Genoa|GO Gorizia
GR Grosseto|IM Imperia|IS Isernia|AQ L'Aquila|SP La Spezia|LT Latina|LE Lecce|LC Lecco|LI Livorno|LO Lodi|LU Lucca
MC Macerata|MN Mantua|MS Massa and Carrara|MT Matera|ME Messina|MI Milan|MO Modena|MB Monza and Brianza|NA Naples
NO Novara|NU Nuoro|OR Oristano|PD Padua|PA Palermo|PR Parma|PV Pavia|PG Perugia|PU Pesaro and Urbino|PE Pescara
PC Piacenza|PI Pisa|PT Pistoia|PN Pordenone|PZ Potenza|PO Prato|RG Ragusa|RA Ravenna|RC Reggio Calabria
RE Reggio Emilia|RI Rieti|RN Rimini|RM Rome|RO Rovigo|SA Salerno|SS Sassari|SV Savona|SI Siena|SO Sondrio|SR Syracuse
TA Taranto|TE Teramo|TR Terni|TP Trapani|TN Trento|TV Treviso|TS Trieste|TO Turin|UD Udine|VA Varese|VE Venice
VB Verbano-Cusio-Ossola|VC Vercelli|VR Verona|VV Vibo Valentia|VI Vicenza|VT Viterbo
""",
    "MX": """
AG Aguascalientes|BC Baja California|BS Baja California Sur|CM Campeche|CS Chiapas|CH Chihuahua|CO Coahuila|CL Colima
DG Durango|DF Federal District|GT Guanajuato|GR Guerrero|HG Hidalgo|JA Jalisco|ME Mexico State|MI Michoacán|MO Morelos
NA Nayarit|NL Nuevo León|OA Oaxaca|PB Puebla|QE Querétaro|QR Quintana Roo|SL San Luis Potosí|SI Sinaloa|SO Sonora
TB Tabasco|TM Tamaulipas|TL Tlaxcala|VE Veracruz|YU Yucatán|ZA Zacatecas
""",
    "US": """
AL Alabama|AK Alaska|AZ Arizona|AR Arkansas|CA California|CO Colorado|CT Connecticut|DE Delaware
DC District of Columbia|FL Florida|GA Georgia|HI Hawaii|ID Idaho|IL Illinois|IN Indiana|IA Iowa|KS Kansas|KY Kentucky
LA Louisiana|ME Maine|MD Maryland|MA Massachusetts|MI Michigan|MN Minnesota|MS Mississippi|MO Missouri|MT Montana
NE Nebraska|NV Nevada|NH New Hampshire|NJ New Jersey|NM New Mexico|NY New York|NC North Carolina|ND North Dakota
OH Ohio|OK Oklahoma|OR Oregon|PA Pennsylvania|RI Rhode Island|SC South Carolina|SD South Dakota|TN Tennessee|TX Texas
UT Utah|VT Vermont|VA Virginia|WA Washington|WV West Virginia|WI Wisconsin|WY Wyoming
""",
}


def _read(text: str) -> dict[str, str]:
    """Code -> label, in the order of the list."""
    entries = (entry.partition(" ") for line in text.strip().splitlines() for entry in line.split("|"))
    return {code: label for code, _, label in entries}


COUNTRIES = _read(_COUNTRIES)
"""Code -> label, by label."""
STATES = {country: _read(text) for country, text in _STATES.items()}
"""Country code -> code -> label."""
