"""What customers of a solar company say about each matter, in six languages: the rules of the local triage.

Each matter has words that nearly decide it (STRONG) and words that lean towards it (WEAK). Terms are written as
`adapters.local_words` explains: `*` stands for the rest of a word. Add a word here to teach the desk.
"""

from collections.abc import Mapping
from typing import Final

from tickets.ticket import Category

EVERY: Final = "any"  # said alike in every language

STRONG_POINTS: Final = 3.0
WEAK_POINTS: Final = 1.0

STRONG: Final[Mapping[str, Mapping[str, str]]] = {
    Category.TECHNICAL: {
        EVERY: "error code*, firmware, reset, offline",
        "en": "error, errors, fault*, malfunction*, not work*, stopped work*, stop work*, no longer work*, won t start,"
        " won t turn on, does not start, doesn t start, does not charge, not charging, doesn t charge, not producing,"
        " no production, producing nothing, producing less, no output, shuts down, shuts off, switches off, turns off,"
        " switched off, keeps tripping, trips, tripped, breaker, fuse, red light, flashing, blinking, beep*, restart*,"
        " reboot*, shows 0, shows nothing, no data, stuck at, not connect*, cannot connect, lost connection,"
        " not responding, smoke, burning smell, sparks, noise, buzzing, humming, troubleshoot*, not show*,"
        " stopped charging, stopped producing, no power, no electricity, does not switch, overheat*, insulation",
        "de": "*fehler*, *störung*, fehlercode*, defekt*, funktioniert nicht, geht nicht, läuft nicht, lädt nicht,"
        " lädt nur, schaltet sich ab, schaltet ab, fällt aus, ausgefallen, ausfall*, blinkt, blinken, rote lampe,"
        " rote led, rotes licht, piept, piepst, brummt, surrt, neustart*, neu gestartet, neu starten, keine daten,"
        " keine verbindung, kein ertrag, keine leistung, kein strom, produziert nicht*, produziert kein*,"
        " speist nicht, zeigt nichts an, zeigt 0, zeigt nur, zeigt seit, sicherung*, fi schalter, rauch, verschmort*,"
        " brandgeruch, funken, isolationsfehler, einphasig, reagiert nicht, startet nicht, springt nicht, abgestürzt,"
        " kaputt",
        "fr": "erreur*, panne, pannes, défaut*, dysfonction*, ne fonctionne, ne marche, ne fonctionnent, ne charge,"
        " ne produit, ne démarre, s arrête, s est arrêté, s éteint, disjonct*, saute, clignot*, voyant*, bip, bips,"
        " redémarr*, hors ligne, plus de production, aucune production, pas de production, plus de courant, fumée,"
        " étincelles, odeur de brûlé, ne se connecte, déconnect*, affiche 0, n affiche, bloqué à, bourdonn*, isolement",
        "es": "error, errores, avería*, averiad*, fallo, fallos, falla, no funciona*, no carga, no produce*,"
        " no arranca, no enciende, se apaga, se para, se desconecta, salta el, saltan, parpadea*, luz roja, pita,"
        " pitido*, reinici*, sin conexión, fuera de línea, no se conecta, no conecta, no genera*, sin producción,"
        " humo, chispas, olor a quemado, muestra 0, marca 0, bloquead*, zumbido, aislamiento, no responde",
        "it": "errore, errori, guasto, guasti, guasta, malfunzionament*, anomalia, anomalie, non funziona*, non"
        " carica*, non produce*, non parte, non si accende, si spegne, si blocca, bloccat*, scatta,"
        " lampeggia*, spia rossa, luce rossa, riavvi*, senza corrente, nessuna produzione, non si collega,"
        " non si connette, disconness*, fumo, scintille, odore di bruciato, ronzio, isolamento, non"
        " risponde",
        "nl": "fout, fouten, foutcode*, foutmelding*, storing*, defect*, kapot, werkt niet*, doet het niet,"
        " laadt niet*, start niet, gaat niet aan, schakelt uit, valt uit, uitgevallen, knippert, rood"
        " lampje, piept, herstart*, opnieuw opgestart, geen stroom, geen opbrengst, geen verbinding, wekt"
        " niets op, geen productie, rook, vonken, brandlucht, zoemt, isolatiefout, reageert niet,"
        " zekering*, offline",
    },
    Category.SALES: {
        EVERY: "kwp",
        "en": "quote, quotes, quotation*, offer for, an offer, price for, prices for, price of, how much would,"
        " how much does, how much is, cost of, what would it cost, would cost, estimate, interested in, would like"
        " to buy,"
        " want to buy, thinking about, considering, planning to install, want solar, solar for our, feasib*, payback,"
        " subsid*, financing, lease, leasing, consultation, site survey, brochure, price list for, do you sell,"
        " do you offer, can i add, would like to add, add a battery, extend our system, upgrade to",
        "de": "*angebot*, kostenvoranschlag*, was kostet, was kosten, was würde, wie teuer, preis für, preise für,"
        " interessier*, interesse an, möchten kaufen, kaufen, anschaffen, anschaffung, beratung*, planen wir,"
        " wir planen, wir überlegen, überlegen uns, nachrüsten, nachrüstung, erweitern, erweiterung, förderung*,"
        " finanzier*, amortis*, machbar*, lastgang, besichtigung*, pachten, mieten",
        "fr": "devis, offre, combien coûte*, combien coûterait, prix pour, prix d un*, tarif*, intéressé*,"
        " souhaite installer, souhaitons installer, voudrais installer, voudrions installer, projet d installation,"
        " projet solaire, acheter, achat, étude, rentabilit*, aides, subvention*, prime, primes, financement,"
        " ajouter une batterie, équiper, envisag*",
        "es": "presupuesto*, oferta, cotización*, cuánto cuesta*, cuánto costaría, cuánto vale, precio de, precio para,"
        " precios, interesad*, nos gustaría instalar, me gustaría instalar, queremos instalar, quiero instalar,"
        " estamos pensando, comprar, ampliar, ampliación, subvencion*, ayudas, financiación, amortiza*, estudio,"
        " autoconsumo",
        "it": "preventiv*, offerta, offerte, quanto costa*, quanto costerebbe*, quanto verrebbe*, prezzo di,"
        " prezzo per, prezzi, interessat*, vorremmo installare, vorrei installare, vogliamo installare,"
        " stiamo pensando, stiamo valutando, acquist*, comprare, ampliare, ampliament*, incentiv*,"
        " detrazion*, finanziament*, ammortam*, sopralluogo, autoconsumo, consulenza",
        "nl": "offerte*, prijsopgave*, wat kost*, hoeveel kost*, prijs voor, prijzen, interesse in,"
        " geïnteresseerd*, willen aanschaffen, aanschaf*, kopen, overwegen, wij denken aan, uitbreiden,"
        " uitbreiding*, subsidie*, financiering, terugverdien*, advies*, adviesgesprek, haalbaar*, huren,"
        " leasen",
    },
    Category.BILLING: {
        EVERY: "iban, sepa",
        "en": "invoice*, bill, bills, billed, billing, payment*, paid, pay, charged, charge me, refund*, overpaid,"
        " overcharg*, credit note, direct debit, debited, bank transfer, transferred, reminder, overdue, dunning,"
        " instalment*, installment*, deposit, vat, receipt, amount due, balance, feed in payment*, tariff",
        "de": "*rechnung*, *zahlung*, bezahlt*, bezahlen, zahlen, überwiesen, überweis*, *mahnung*, mahngebühr*,"
        " lastschrift*, abgebucht, abbuchung*, abgezogen, erstatt*, rückerstatt*, gutschrift*, doppelt berechnet,"
        " berechnet, raten, ratenzahl*, mehrwertsteuer, mwst, umsatzsteuer, steuer*, skonto, betrag, offener betrag,"
        " kontoauszug, einspeisevergütung, abschlag*",
        "fr": "facture*, facturation, facturé*, paiement*, payé*, payer, règlement, réglé*, prélev*, virement*,"
        " rembours*, avoir de, trop perçu, relance*, mise en demeure, impayé*, acompte*, échéance*, mensualité*, tva,"
        " montant, débité*, rappel de",
        "es": "factura*, facturación, pago, pagos, pagad*, pagar, cobr*, cargo, cargad*, domicilia*, transferencia*,"
        " reembols*, devolución, devolver, recibo*, recordatorio, impagad*, importe*, iva, cuota*, anticipo, fianza,"
        " abono",
        "it": "fattur*, pagament*, pagat*, pagare, addebit*, bonific*, rimbors*, sollecit*, scadut*, rata,"
        " rate, rateizz*, acconto, iva, ricevuta, importo, nota di credito, saldo, conguaglio, doppio"
        " addebito",
        "nl": "factu*, rekening, betaling*, betaald*, betalen, overgemaakt, overboek*, aanmaning*,"
        " betalingsherinnering*, herinnering, incasso*, afgeschreven, terugbetal*, teruggave, creditnota*,"
        " creditfactuur, btw, bedrag, termijn*, voorschot*, aanbetaling, openstaand*",
    },
    Category.SCHEDULING: {
        "en": "appointment*, reschedul*, schedul*, postpone*, installation date, install date, new date, another date,"
        " date for, move the date, move our, what time, which day, when is, when will, when can, when does, when are,"
        " calendar, time slot, arrival, confirm the date, date is, site visit, be home, at home, earlier date, later"
        " date,"
        " different day, delivery date, time window",
        "de": "*termin*, verschieben, verschoben, verlegen, uhrzeit, wann kommt, wann kommen, wann wird, wann werden,"
        " wann ist, wann können, wann findet, zeitfenster, kalenderwoche, montagetag*, zu hause, zuhause, anfahrt,"
        " liefertermin*, montagebeginn, passt uns, passt mir, bestätigen sie den",
        "fr": "rendez vous, rdv, reporter, report, déplacer, repousser, décaler, date d installation, date de pose,"
        " date du, autre date, nouvelle date, quand, quelle date, quelle heure, créneau*, disponibilité*, planning,"
        " calendrier, confirmer la date, planifi*",
        "es": "cita, citas, fecha, fechas, aplazar, cambiar la fecha, cambiar el día, otro día, otra fecha, cuándo,"
        " a qué hora, qué día, horario, disponibilidad, calendario, confirmar la fecha, programar, reprogramar,"
        " visita del, visita técnica",
        "it": "appuntament*, spostare, spostament*, rinvi*, posticip*, anticipare, data dell*, data di, altra"
        " data, nuova data, un altro giorno, quando viene, quando vengono, quando arriva*, quando verrà, a"
        " che ora, che giorno, orario, disponibil*, fascia oraria, confermare la data, confermate,"
        " programmare, visita tecnica",
        "nl": "afspra*, verzetten, verplaatsen, uitstellen, nieuwe datum, andere datum, andere dag, datum voor,"
        " installatiedatum, wanneer komt, wanneer komen, wanneer wordt, wanneer worden, wanneer kunnen,"
        " hoe laat, welke dag, tijdvak, tijdstip, inplannen, planning, kalender, thuis zijn, past ons,"
        " past mij, bevestigen",
    },
    Category.COMPLAINT: {
        "en": "complaint*, complain*, unacceptable, outrag*, disgrac*, disappointed, disappointing, dissatisf*, fed up,"
        " lawyer, solicitor, nobody came, no one came, nobody called, no one called, nobody answer*, no one answer*,"
        " did not show up, didn t show up, nobody showed, no show, never showed, compensat*, damaged, ruined, rude,"
        " unprofessional, third time, second time, worst, consumer protection, ombudsman, bad review, terrible service,"
        " wasted, left a mess, ignored, unhappy, lost patience",
        "de": "beschwer*, reklamier*, unzumutbar, inakzeptabel, nicht akzeptabel, unverschämt*, frechheit, enttäusch*,"
        " unzufrieden*, verärger*, rechtsanwalt*, anwalt, niemand gekommen, niemand erschienen, niemand meldet,"
        " keiner gekommen, nicht erschienen, schadensersatz, schadenersatz, entschädig*, beschädig*, zerbrochen*,"
        " zum dritten mal, zum zweiten mal, verbraucherzentrale, unprofessionell, sauerei, zumutung, geduld,"
        " schlampig*, pfusch*, skandal*",
        "fr": "réclamation*, plainte, me plaindre, inacceptable*, scandal*, honteu*, déçu*, décev*, mécontent*,"
        " insatisf*, avocat, personne n est venu*, personne ne répond, personne ne rappelle, dédommag*, indemnis*,"
        " endommag*, abîmé*, troisième fois, deuxième fois, ras le bol, lamentable, furieu*, intolérable, impoli*",
        "es": "queja*, quejar*, reclamación*, reclamo, inaceptable*, indigna*, vergonz*, vergüenza, decepcion*,"
        " insatisfech*, descontent*, abogad*, nadie vino, no vino nadie, nadie ha venido, no ha venido nadie,"
        " nadie contesta, nadie responde, nadie me, indemniza*, compensación, dañad*, tercera vez, segunda vez, harto,"
        " harta, pésimo, lamentable, sin terminar, hoja de reclamaciones, consumo",
        "it": "reclamo, reclami, lament*, inaccettabil*, vergogn*, delus*, insoddisfatt*, scontent*,"
        " arrabbiat*, avvocato, non è venuto nessuno, nessuno è venuto, nessuno risponde, nessuno mi,"
        " nessuno ci, nessuno si, risarciment*, indennizz*, danneggiat*, rovinat*, terza volta, seconda"
        " volta, stufo, stufi, stanco, pessim*, maleducat*, associazione dei consumatori",
        "nl": "klacht*, klagen, onacceptabel*, onaanvaardbaar*, schandalig*, schande, teleurgesteld*,"
        " teleurstell*, ontevreden*, boos, advocaat, niemand gekomen, niemand kwam, niemand komt opdagen,"
        " niemand belt, niemand reageert, niemand antwoordt, schadevergoeding*, beschadigd*, derde keer,"
        " tweede keer, beu, zat, slordig*, onprofessioneel, consumentenbond, schadeclaim",
    },
    Category.WARRANTY: {
        "en": "warrant*, guarantee*, under guarantee, replacement, replace the, replaced under, cracked, delaminat*,"
        " capacity loss, degradation, degraded, claim, hail, still covered, covered by, broken panel, broken module",
        "de": "*garantie*, gewährleist*, garantiefall, leistungsgarantie, ersatz, austausch*, ersatzgerät*, gerissen*,"
        " riss, hagel*, glasbruch, minderertrag, degradation, kapazitätsverlust",
        "fr": "garantie*, garanti, sous garantie, remplacement, remplacer, échange, fissur*, fêlé*, grêle, dégradation,"
        " perte de capacité, couvert*",
        "es": "garantía*, en garantía, sustitución, sustituir, reemplaz*, agrietad*, grieta*, rajad*, rotura, granizo,"
        " degradación, pérdida de capacidad, cubiert*",
        "it": "garanzi*, in garanzia, sostituzion*, sostituir*, crepa, crepe, crepat*, incrinat*, rottura,"
        " grandine, degrado, perdita di capacità, copert*",
        "nl": "garantie*, onder garantie, vervang*, gebarsten, barst, scheur*, hagel*, glasbreuk, degradatie,"
        " capaciteitsverlies, gedekt",
    },
    Category.ACCOUNT: {
        EVERY: "login, log in, password, dsgvo, gdpr, rgpd",
        "en": "sign in, my account, customer account, change my address, change of address, new address,"
        " new email address, change of owner, new owner*, ownership, sold our house, selling our house, selling the"
        " house,"
        " sold the house, moving house, we are moving, moved house, transfer the contract, take over the contract,"
        " contract holder, cancel*, withdraw*, termination, terminate, personal data, data protection, delete my data,"
        " customer number, access to the app, contact details, phone number has changed, right of withdrawal",
        "de": "passwort, anmelden im, kundenkonto, benutzerkonto, zugangsdaten, zugang zum, zugang zur, adressänderung,"
        " neue adresse, neue anschrift, umzug*, umziehen, ziehen wir um, ziehe um, eigentümer*, betreiberwechsel,"
        " hausverkauf, haus verkauft, verkaufen unser haus, vertrag übernehmen, vertragsübernahme, überschreib*,"
        " kündig*, kündigung*, widerruf*, stornier*, storno, datenschutz, personenbezogen*, daten löschen,"
        " datenauskunft, wartungsvertrag, vertragspartner, namensänderung, neue e mail adresse, neue telefonnummer",
        "fr": "mot de passe, mon compte, compte client, espace client, identifiant*, changement d adresse,"
        " nouvelle adresse, déménag*, emménag*, nouveau propriétaire, nouveaux propriétaires, changement de titulaire,"
        " titulaire, vendu notre maison, vente de la maison, vendons, transférer le contrat, résili*, annuler,"
        " annulation,"
        " rétract*, données personnelles, coordonnées, contrat",
        "es": "contraseña, mi cuenta, cuenta de cliente, cambio de dirección, nueva dirección, cambio de domicilio,"
        " mudanza, mudamos, mudarnos, mudado, nuevo propietario, nuevos propietarios, cambio de titular, titular,"
        " vendido la casa, vender la casa, vendemos, cancelar, cancelación, desistimiento, desistir, anular,"
        " dar de baja, rescindir, datos personales, protección de datos, contrato",
        "it": "parola d ordine, il mio account, area clienti, accesso al portale, cambio di indirizzo, nuovo"
        " indirizzo, trasloc*, nuovo proprietario, nuovi proprietari, voltura, intestatari*, intestazione,"
        " venduto la casa, vendiamo la casa, disdett*, disdire, annullare, annullament*, recesso,"
        " recedere, rescindere, dati personali, cancellare i miei dati, contratto",
        "nl": "wachtwoord*, mijn account, klantaccount, inloggen, inloggegevens, adreswijziging*, nieuw adres,"
        " verhuis*, verhuiz*, nieuwe eigenaar, nieuwe eigenaren, op naam, huis verkocht, verkopen ons"
        " huis, opzeg*, annuler*, herroep*, ontbinden, persoonsgegevens, gegevens verwijderen, contract",
    },
    Category.OTHER: {
        EVERY: "seo, newsletter, curriculum, cv",
        "en": "partner*, subcontract*, dealer*, join your network, authorised installer*, cooperat*, collaborat*,"
        " application, apply for, applying, job, vacancy, internship,"
        " apprentice*, installer network, reseller, distributor, supplier, wholesale*, sponsor*, press, journalist,"
        " interview, school project, survey, our services, our products, unsubscribe, opening hours, out of office,"
        " undeliver*, guest post, backlink*, ranking*",
        "de": "bewerb*, stelle als, stellenanzeige, praktikum, ausbildung*, kooperation*, partner*, subunternehm*,"
        " zusammenarbeit, vertriebspartner, lieferant*, großhandel*, sponsor*, presse*, journalist*, umfrage,"
        " schulprojekt, abwesen*, öffnungszeiten, betriebsferien, unzustellbar, abbestellen, unsere dienstleistungen",
        "fr": "candidature, postul*, stage, alternance, emploi, recrut*, partenaire*, partenariat*, sous traitan*,"
        " collaboration, fournisseur*,"
        " revendeur, presse, journaliste, enquête, sondage, parrainage, absent*, horaires d ouverture, désabonn*,"
        " lettre d information",
        "es": "candidatura, solicitud de empleo, empleo, trabajar con ustedes, prácticas, colaboración, socios,"
        " subcontrat*, proveedor*,"
        " distribuidor*, prensa, periodista, encuesta, patrocin*, fuera de la oficina, horario de apertura,"
        " darse de baja, boletín",
        "it": "candidatura, mi candido, lavorare con voi, posto di lavoro, tirocinio, stage, collaborazion*,"
        " partner*, subappalt*, fornitor*, distributor*, stampa, giornalist*, sondaggio, sponsor*, fuori"
        " ufficio, orari di apertura, disiscri*, i nostri servizi, progetto scolastico",
        "nl": "sollicit*, vacature*, stage, stageplaats, leerwerk*, samenwerk*, partner*, onderaannem*,"
        " leverancier*, groothandel*, sponsor*, pers, journalist*, enquête, schoolproject, werkstuk,"
        " afwezig*, openingstijden, afmelden, uitschrijven, onze diensten",
    },
}

WEAK: Final[Mapping[str, Mapping[str, str]]] = {
    Category.TECHNICAL: {
        EVERY: "app, wallbox, wifi, wlan, router, display, led, dc, ac",
        "en": "inverter*, battery, system, code, light, screen, charger, monitoring, update, serial number, meter,"
        " hot, stopped, broken, since yesterday, suddenly, production, installer menu",
        "de": "*wechselrichter*, *speicher*, batterie, anlage, anzeige, seriennummer, update, zähler, seit gestern,"
        " plötzlich, ertrag, leuchtet, störgeräusch*, techniker*",
        "fr": "onduleur*, batterie, borne, écran, application, compteur, numéro de série, depuis hier, soudain*,"
        " technicien*, production",
        "es": "inversor*, batería*, cargador, pantalla, aplicación, contador, número de serie, desde ayer, técnico*,"
        " de repente, producción, placas",
        "it": "inverter, batteria, caricatore, schermo, contatore, numero di serie, da ieri, improvvisamente,"
        " tecnico, produzione, impianto",
        "nl": "omvormer*, batterij*, accu, thuisbatterij, laadpaal, scherm, meter, serienummer, sinds gisteren,"
        " plotseling, monteur, opbrengst, installatie",
    },
    Category.SALES: {
        "en": "price*, cost*, offer, roof, detached house, new build, family house, annual consumption, south facing,"
        " kwh per year, neighbour*, recommend*, heat pump, electric car",
        "de": "preis*, kosten, dach, dachfläche, einfamilienhaus, neubau, gewerbe*, halle, jahresverbrauch, verbrauch*,"
        " wärmepumpe, elektroauto, südausrichtung, empfohlen",
        "fr": "prix, coût, toit, toiture, maison individuelle, consommation, pompe à chaleur, voiture électrique, sud",
        "es": "precio, coste, tejado, cubierta, casa, vivienda, comunidad, consumo anual, vecinos, coche eléctrico,"
        " bomba de calor",
        "it": "prezzo, costo, costi, tetto, casa, villetta, consumo annuo, consumo, vicini, auto elettrica,"
        " pompa di calore, esposizione a sud",
        "nl": "prijs, kosten, dak, woning, huis, nieuwbouw, verbruik*, jaarverbruik, buren, elektrische auto,"
        " warmtepomp, zuiden",
    },
    Category.BILLING: {
        EVERY: "eur, euro, euros",
        "en": "amount, account number, bank, twice, accounting, finance, statement, tax",
        "de": "konto, bank, doppelt, buchhaltung, summe, kosten",
        "fr": "compte bancaire, banque, comptabilité, somme, deux fois, double",
        "es": "banco, contabilidad, cuenta bancaria, dos veces, doble, suma",
        "it": "banca, conto corrente, contabilità, due volte, doppio, somma",
        "nl": "bank, bankrekening, boekhouding, twee keer, dubbel, rekeningnummer",
    },
    Category.SCHEDULING: {
        "en": "monday, tuesday, wednesday, thursday, friday, week, morning, afternoon, date, installation, exchanged,"
        " technician, available, holiday*, fitter*",
        "de": "montag, dienstag, mittwoch, donnerstag, freitag, woche, vormittag*, nachmittag*, montage, datum, urlaub,"
        " monteur*, getauscht, wann, zählertausch",
        "fr": "lundi, mardi, mercredi, jeudi, vendredi, semaine, matin, après midi, date, installation, pose,"
        " vacances, confirmer",
        "es": "lunes, martes, miércoles, jueves, viernes, semana, mañana, tarde, instalación, instaladores,"
        " vacaciones, día",
        "it": "lunedì, martedì, mercoledì, giovedì, venerdì, settimana, mattina, pomeriggio, data,"
        " installazione, installatori, ferie, giorno, montaggio",
        "nl": "maandag, dinsdag, woensdag, donderdag, vrijdag, week, ochtend, middag, datum, montage, monteurs,"
        " vakantie, wanneer",
    },
    Category.COMPLAINT: {
        "en": "again, still no, weeks ago, nobody, no one, promised, unanswered, waiting for weeks, third, terrible,"
        " awful, tiles, scratched, dirt*, deadline",
        "de": "wieder nicht, niemand, keiner, versprochen, seit wochen, trotz mehrfach*, mehrmals, zugesagt,"
        " unbeantwortet, kratzer, dachziegel, frist, schaden, schäden",
        "fr": "personne, promis, depuis des semaines, toujours pas, plusieurs fois, malgré, sans réponse, tuiles,"
        " rayure*, délai, dégâts",
        "es": "nadie, prometi*, desde hace semanas, todavía no, varias veces, sin respuesta, tejas, arañazo*, plazo,"
        " daños",
        "it": "nessuno, promess*, da settimane, ancora niente, più volte, senza risposta, tegole, graffi*,"
        " danni, danno, termine",
        "nl": "niemand, beloofd, al weken, nog steeds, meerdere keren, herhaaldelijk, onbeantwoord, dakpannen,"
        " krassen, schade",
    },
    Category.WARRANTY: {
        "en": "panel, module, modules, yield, years old, bought, purchased, manufacturer, glass, capacity, serial",
        "de": "modul*, jahre alt, gekauft, hersteller, glas, kapazität, ertrag zu niedrig, abgenommen",
        "fr": "panneau*, module*, ans, acheté*, fabricant, verre, capacité, rendement",
        "es": "panel*, módulo*, años, compr*, fabricante, cristal, capacidad, rendimiento",
        "it": "pannell*, modul*, anni, acquistat*, comprat*, produttore, vetro, capacità, resa",
        "nl": "paneel, panelen, zonnepanelen, module*, jaar oud, gekocht, fabrikant, glas, capaciteit, rendement",
    },
    Category.ACCOUNT: {
        "en": "contract, order, customer portal, email address, address, name, portal, account",
        "de": "vertrag*, bestellung, auftrag, portal, e mail adresse, anschrift, adresse, kundennummer, konto",
        "fr": "commande, portail, adresse, nom, numéro de client, compte",
        "es": "pedido, portal, dirección, nombre, número de cliente, cuenta",
        "it": "ordine, portale, indirizzo, nome, numero cliente, codice cliente, account",
        "nl": "bestelling, portaal, adres, naam, klantnummer, e mailadres, account",
    },
    Category.OTHER: {
        "en": "dear partner*, website, business, company profile, opportunity, team, marketing",
        "de": "unternehmen, geschäftspartner*, webseite, marketing, lebenslauf",
        "fr": "entreprise, site web, marketing, opportunité",
        "es": "empresa, página web, marketing, oportunidad",
        "it": "azienda, sito web, opportunità, marketing",
        "nl": "bedrijf, website, kans, marketing",
    },
}
