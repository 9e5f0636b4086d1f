"""Imports what it needs when it needs it: reading the script alone does not tell what that is."""


def late():
    import decimal, json, sqlite3, ssl, urllib.request, zoneinfo

    return json.dumps([str(decimal.Decimal(1) / 4), ssl.OPENSSL_VERSION.split()[0]])


print(late())
