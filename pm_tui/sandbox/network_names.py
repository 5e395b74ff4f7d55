"""Names of streets and places, as they are all over Germany."""

from __future__ import annotations

STREETS = (
    *("Hauptstraße", "Bahnhofstraße", "Schulstraße", "Gartenstraße", "Dorfstraße", "Bergstraße"),
    *("Kirchstraße", "Lindenstraße", "Waldstraße", "Ringstraße", "Schillerstraße", "Goethestraße"),
    *("Wiesenstraße", "Jahnstraße", "Mühlenstraße", "Feldstraße", "Rosenstraße", "Blumenstraße"),
    *("Industriestraße", "Mozartstraße", "Beethovenstraße", "Friedhofstraße", "Poststraße"),
    *("Uhlandstraße", "Lessingstraße", "Mittelstraße", "Talstraße", "Marktstraße", "Parkstraße"),
    *("Am Bahnhof", "Am Markt", "Marktplatz", "Kirchplatz", "Rathausplatz", "Am Sportplatz"),
    *("Römerstraße", "Birkenweg", "Ahornweg", "Tulpenweg", "Amselweg", "Buchenweg", "Eichenweg"),
    *("Gewerbestraße", "Robert-Bosch-Straße", "Siemensstraße", "Daimlerstraße", "Am Mühlbach"),
    *("Berliner Straße", "Hamburger Straße", "Dresdner Straße", "Frankfurter Straße"),
    *("Münchener Straße", "Leipziger Straße", "Kölner Straße", "Bremer Straße", "Ulmer Straße"),
    *("Bismarckstraße", "Kaiserstraße", "Wilhelmstraße", "Friedrichstraße", "Luisenstraße"),
    *("Karlstraße", "Albert-Einstein-Straße", "Konrad-Adenauer-Straße", "Willy-Brandt-Allee"),
    *("Thomas-Mann-Straße", "Heinrich-Heine-Straße", "August-Bebel-Straße", "Clara-Zetkin-Weg"),
    *("Hafenstraße", "Seestraße", "Uferstraße", "Brückenstraße", "Burgstraße", "Schloßstraße"),
    *(
        "Klosterstraße",
        "Grabenstraße",
        "Turmstraße",
        "Neue Straße",
        "Lange Straße",
        "Breite Straße",
    ),
    *("Am Stadtpark", "Im Gewerbegebiet", "Zum Sportplatz", "Messering", "Nordring", "Südring"),
    *("Ostring", "Westring", "Stadtring", "Ludwigstraße", "Steinstraße", "Sandstraße", "Austraße"),
    *("Raiffeisenstraße", "Ziegeleistraße", "Sonnenstraße", "Brunnenstraße", "Kantstraße"),
)
LANDMARKS = (
    *("Rathaus", "Bahnhof", "Marktplatz", "P+R Bahnhof", "Stadthalle", "Hallenbad", "Freibad"),
    *("Stadtbibliothek", "Landratsamt", "Sportzentrum", "Bürgerhaus", "Feuerwehr", "Kirchplatz"),
    *("Festplatz", "Gymnasium", "Grundschule", "Schlosspark", "Kurpark", "Stadtwerke", "Museum"),
    *("Polizei", "Wochenmarkt", "Busbahnhof", "Volkshochschule", "Dorfplatz", "Friedhof"),
)
GARAGES = (
    *("Parkhaus", "Parkhaus", "Tiefgarage", "Tiefgarage", "Parkplatz", "Hotel", "Klinikum"),
    *("Autohaus", "Fitnesspark", "Technologiepark", "Ärztehaus", "Bürocenter"),
)
GARAGE_NAMES = (
    *("Am Markt", "Zentrum", "Altstadt", "Bahnhof", "Stadtmitte", "Galerie", "Arkaden", "West"),
    *("Ost", "Theater", "Dom", "Schloss", "Rathaus", "Post", "Krone", "Adler", "Lindenhof"),
)
SHOPS = (
    *("Rewe", "Rewe", "Edeka", "Edeka", "Netto", "Penny", "Hagebaumarkt", "OBI", "Hornbach"),
    *("toom", "Bauhaus", "Marktkauf", "dm", "Rossmann", "Aldi Nord", "McDonald’s", "IKEA"),
)
MOTORWAY = ("Autohof", "Autohof", "Rastanlage", "Rasthof", "Tank & Rast")
DIRECTIONS = ("", "", " Nord", " Süd", " Ost", " West")

# a town in the middle of each postal region (the first two digits of a postcode)
POSTAL_REGIONS = {
    **{"01": "Dresden", "02": "Bautzen", "03": "Cottbus", "04": "Leipzig", "06": "Halle (Saale)"},
    **{"07": "Gera", "08": "Zwickau", "09": "Chemnitz", "10": "Mitte", "12": "Neukölln"},
    **{"13": "Wedding", "14": "Potsdam", "15": "Frankfurt (Oder)", "16": "Oranienburg"},
    **{"17": "Neubrandenburg", "18": "Rostock", "19": "Schwerin", "20": "Hamburg"},
    **{"21": "Lüneburg", "22": "Wandsbek", "23": "Lübeck", "24": "Kiel", "25": "Itzehoe"},
    **{"26": "Oldenburg", "27": "Bremerhaven", "28": "Bremen", "29": "Celle", "30": "Hannover"},
    **{"31": "Hildesheim", "32": "Herford", "33": "Bielefeld", "34": "Kassel", "35": "Gießen"},
    **{"36": "Fulda", "37": "Göttingen", "38": "Braunschweig", "39": "Magdeburg"},
    **{"40": "Düsseldorf", "41": "Mönchengladbach", "42": "Wuppertal", "44": "Dortmund"},
    **{"45": "Essen", "46": "Oberhausen", "47": "Duisburg", "48": "Münster", "49": "Osnabrück"},
    **{"50": "Köln", "51": "Bergisch Gladbach", "52": "Aachen", "53": "Bonn", "54": "Trier"},
    **{"55": "Mainz", "56": "Koblenz", "57": "Siegen", "58": "Hagen", "59": "Hamm"},
    **{"60": "Frankfurt am Main", "61": "Bad Homburg vor der Höhe", "63": "Aschaffenburg"},
    **{"64": "Darmstadt", "65": "Wiesbaden", "66": "Saarbrücken", "67": "Ludwigshafen am Rhein"},
    **{"68": "Mannheim", "69": "Heidelberg", "70": "Stuttgart", "71": "Ludwigsburg"},
    **{"72": "Tübingen", "73": "Göppingen", "74": "Heilbronn", "75": "Pforzheim"},
    **{"76": "Karlsruhe", "77": "Offenburg", "78": "Villingen-Schwenningen", "79": "Freiburg"},
    **{"80": "München", "82": "Starnberg", "83": "Rosenheim", "84": "Landshut"},
    **{"85": "Ingolstadt", "86": "Augsburg", "87": "Kempten (Allgäu)", "88": "Ravensburg"},
    **{"89": "Ulm", "90": "Nürnberg", "91": "Ansbach", "92": "Amberg", "93": "Regensburg"},
    **{"94": "Passau", "95": "Bayreuth", "96": "Bamberg", "97": "Würzburg", "98": "Suhl"},
    **{"99": "Erfurt"},
}
