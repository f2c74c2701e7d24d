"""Words that tell urgency, mood, thanks, mass mail and attempts to instruct the machine, in four languages.

Terms are written as `adapters.local_words` explains. All languages are tried, since such words stand out in any text.
"""

from typing import Final

DANGER: Final = (
    "smoke, smoking, smell of burning, burning smell, burnt smell, fire, sparks, sparking, electric shock, live wire,"
    " burning, melted, water is leaking, gas smell,"
    " rauch, raucht, qualm*, brandgeruch, verschmort*, brennt, feuer, funken, stromschlag, lebensgefahr,"
    " fumée, brûlé, incendie, étincelle*, électrocut*, décharge électrique,"
    " humo, quemado, incendio, chispas, descarga eléctrica, fuego"
)
URGENT: Final = (
    "urgent, urgently, asap, as soon as possible, immediately, emergency, right away,"
    " dringend*, sofort, umgehend, eilig, eilt, notfall, unverzüglich, schnellstmöglich, so schnell wie möglich,"
    " urgente, urgence, immédiatement, au plus vite, dès que possible, sans délai,"
    " urgentemente, inmediatamente, lo antes posible, cuanto antes, emergencia, de inmediato"
)
PRESSING: Final = (
    "lawyer, solicitor, legal action, deadline, consumer protection, completely dead, no power, no electricity,"
    " no heating, no hot water, tomorrow, withhold,"
    " rechtsanwalt*, anwalt, fristsetzung, rechtliche schritte, verbraucherzentrale, kein strom, stromausfall,"
    " komplett ausgefallen, keine heizung, kein warmwasser, fordere, morgen,"
    " avocat, mise en demeure, plus de courant, plus d électricité, plus de chauffage, demain,"
    " abogad*, acciones legales, sin luz, sin electricidad, sin calefacción, hoja de reclamaciones"
)
UNHURRIED: Final = (
    "no rush, no hurry, whenever you have time, not urgent, no urgency, eilt nicht, nicht eilig, nicht dringend,"
    " keine eile, hat zeit, pas urgent, rien d urgent, rien ne presse, sin prisa, no es urgente, no corre prisa"
)
POSITIVE: Final = (
    "great, excellent, happy, delighted, wonderful, perfect, fantastic, very satisfied, well done, love, thank you"
    " so much,"
    " thanks a lot, many thanks for the,"
    " super, prima, toll, hervorragend, begeistert, zufrieden, wunderbar, perfekt, klasse, herzlichen dank, großartig,"
    " parfait, excellent, ravi*, formidable, satisfait*, merci beaucoup, bravo,"
    " genial, perfecto, excelente, encantad*, satisfech*, muchas gracias por, estupendo, fantástico"
)
NEGATIVE: Final = (
    "unacceptable, disappoint*, angry, annoy*, frustrat*, terrible, awful, worst, fed up, complain*, ridiculous, upset,"
    " unhappy, dissatisf*, outrag*, disgrac*, rude, incompeten*, lawyer, ignored, nobody came, no one came, wrong,"
    " lost patience, ruined, nobody answer*,"
    " inakzeptabel, enttäusch*, verärger*, ärger*, wütend, frustrier*, unzufrieden*, beschwer*, frechheit,"
    " unverschämt*,"
    " unmöglich, katastroph*, anwalt, zumutung, geduld, niemand meldet, niemand gekommen, schlecht*,"
    " inacceptable, déçu*, mécontent*, furieu*, scandal*, honteu*, énerv*, agac*, plainte, réclamation, avocat,"
    " inaceptable, decepcion*, enfadad*, indigna*, molest*, queja*, vergonz*, harto, harta, pésimo, abogad*"
)
THANKS: Final = "thank*, danke, dank, vielen dank, besten dank, merci, gracias, much appreciated, appreciate it, cheers"
SETTLED: Final = (
    "all good, works again, working again, works now, is working, solved, resolved, sorted, all fine, is fine,"
    " that works, suits us, suits me, perfect, confirmed, see you,"
    " alles gut, funktioniert wieder, läuft wieder, geht wieder, erledigt, geklärt, gelöst, passt, alles bestens,"
    " bestätige, einverstanden, bis dann,"
    " tout va bien, fonctionne à nouveau, remarche, réglé, résolu, c est bon, parfait, convient, à bientôt,"
    " todo bien, funciona de nuevo, vuelve a funcionar, solucionado, resuelto, perfecto, nos viene bien,"
    " me viene bien, de acuerdo"
)
REQUEST: Final = (
    "could you, can you, would you, will you, please send, please tell, please check, please call, please confirm,"
    " please let, please advise, please explain, please correct, please change, please cancel, please arrange, i need,"
    " we need, i want, we want, i would like, we would like, let me know, let us know, asking, a question, my"
    " question, waiting for,"
    " look forward to your, how do, how can, what should, when will, when can,"
    " können sie, könnten sie, würden sie, bitte senden, bitte schicken, bitte prüfen, bitte teilen, bitte rufen,"
    " bitte bestätigen, bitte um, ich möchte, wir möchten, ich brauche, wir brauchen, ich benötige, eine frage,"
    " meine frage, habe fragen,"
    " melden sie sich, warte auf, warten auf, was sollen, wie kann, bitten sie, bitten wir,"
    " pouvez vous, pourriez vous, merci de, veuillez, je souhaite, je voudrais, nous souhaitons, j aimerais, une"
    " question,"
    " dans l attente, comment,"
    " pueden, podrían, puede, podría, por favor, quiero, quisiera, necesito, necesitamos, queremos, una pregunta,"
    " quedo a la espera, esperamos, cómo"
)
DOUBT: Final = (
    "still, however, unfortunately, but, when, except, although,"
    " allerdings, leider, aber, jedoch, wann, noch nicht, immer noch,"
    " malheureusement, mais, cependant, toujours pas, quand,"
    " lamentablemente, pero, sin embargo, todavía no, cuándo"
)
MASS_MAIL: Final = (
    "unsubscribe, view in browser, view this email, view online, you are receiving this, you receive this,"
    " manage your preferences, update your preferences, this week s, our newsletter, read more, limited time, click"
    " here,"
    " im browser ansehen, im browser anzeigen, abmelden, newsletter abbestellen, sie erhalten diese, jetzt sichern,"
    " voir dans le navigateur, se désabonner, désabonnement, désinscrire, vous recevez ce, cliquez ici, en savoir plus,"
    " ver en el navegador, darse de baja, cancelar la suscripción, recibe este, haga clic aquí, leer más"
)
SPAM: Final = (
    "seo, backlink*, guest post*, rank on google, google ranking*, page one, first page of google, web traffic,"
    " increase your traffic, increase your sales, boost your, lead generation, qualified leads, email list,"
    " web design services, app development services, casino, crypto*, bitcoin, lottery, winner, inheritance, viagra,"
    " earn money, make money, act now, free trial, special promotion, explainer video, redesign your website,"
    " suchmaschinenoptimierung, mehr besucher, google platz, gewinnspiel, sie haben gewonnen, kredit ohne,"
    " référencement, gagner de l argent, posicionamiento web, posicionamiento en google, gane dinero, lotería"
)
NO_ANSWER_WANTED: Final = (
    "no action required, no action is required, no action needed, no action is needed, no reply needed,"
    " no reply required, no reply is needed, no reply necessary, no need to reply, no need to answer, no answer needed,"
    " do not reply, don t need to reply, for your information, just for information, just to let you know,"
    " keine antwort erforderlich, keine antwort nötig, keine antwort notwendig, keine rückmeldung, brauchen nicht zu"
    " antworten, müssen nicht antworten, nicht auf diese, zu ihrer information, zur kenntnisnahme, zur info,"
    " nur zur information,"
    " aucune action, aucune réponse, pas besoin de répondre, inutile de répondre, ne pas répondre, pour information,"
    " no es necesario responder, no hace falta responder, no hace falta que respond*, no requiere respuesta,"
    " no responda, para su información"
)
# What suppliers and partners tell everybody they work with.
ANNOUNCES: Final = (
    "please note our, please note that our, we will be closed, we are closed, will be closed, office is closed,"
    " warehouse is closed, closed from, closed between, closed on, reopen*, holiday hours, opening hours, our new"
    " prices,"
    " our new price list, updated price list, price list for, prices will, price adjustment, delivery times,"
    " dear customers, dear partners, dear partner, dear valued, dear business partner*, season s greetings,"
    " happy new year, happy holidays, has been shipped, has shipped, has been dispatched, delivery note,"
    " bleibt geschlossen, geschlossen vom, geschlossen von, haben wir geschlossen, betriebsferien, betriebsurlaub,"
    " öffnungszeiten, lieferzeiten, preisanpassung*, neue preisliste, aktuelle preisliste, liebe kunden, liebe partner,"
    " liebe geschäftspartner, sehr geehrte geschäftspartner, sehr geehrte partner, frohe weihnachten, frohe festtage,"
    " guten rutsch, wurde versandt, wurde versendet, lieferschein,"
    " sera fermé*, serons fermés, seront fermés, fermeture annuelle, horaires d ouverture, nos horaires,"
    " chers clients, chers partenaires, nouveaux tarifs, nouvelle liste de prix, bonnes fêtes, bonne année,"
    " a été expédié*, bon de livraison,"
    " permaneceremos cerrad*, permanecerá cerrad*, estaremos cerrad*, cerrado por vacaciones, nuestro horario,"
    " horario de apertura, estimados clientes, estimados socios, nuevas tarifas, nueva lista de precios,"
    " felices fiestas, ha sido enviad*, albarán"
)
AWAY: Final = (
    "out of office, out of the office, automatic reply, auto reply, on annual leave, on vacation until,"
    " abwesenheitsnotiz, automatische antwort, nicht im büro, nicht im haus, bin abwesend, im urlaub bis,"
    " absence du bureau, réponse automatique, absent du bureau, absente du bureau, en congé jusqu,"
    " fuera de la oficina, respuesta automática, de vacaciones hasta,"
    " undelivered mail, undeliverable, delivery status notification, mail delivery failed, unzustellbar"
)
# A mail in the company's own name that wants money, data or a click is a fraud to report, not a customer to answer.
# No term may hold another one: two different marks are needed, and a customer's new account is none.
PHISHING: Final = (
    "verify your account, confirm your account, verify your identity, confirm your password, update your payment"
    " details,"
    " update your bank details, our bank details have changed, our new bank details, our bank account has,"
    " our main bank account, our new account, account will be suspended, account has been suspended, click the link,"
    " click on the link, log in here, account below, to the following account, only to this account,"
    " final notice, avoid suspension, will be disconnected, must be redirected, all payments must,"
    " bestätigen sie ihr konto, konto gesperrt, unsere bankverbindung hat sich, unsere neue bankverbindung,"
    " ausschließlich auf folgendes, nur noch auf folgendes, letzte warnung, klicken sie hier, klicken sie auf,"
    " vérifiez votre compte, confirmez votre compte, compte suspendu, nos nouvelles coordonnées bancaires,"
    " uniquement sur le compte suivant, cliquez sur,"
    " verifique su cuenta, confirme su cuenta, cuenta suspendida, nuestros nuevos datos bancarios,"
    " únicamente en la siguiente cuenta, haga clic"
)
INSTRUCTS_MACHINE: Final = (
    "ignore all previous, ignore previous, ignore all prior, ignore the above, ignore your instructions,"
    " ignore any previous, ignore all instructions, ignore prior, disregard all, disregard previous, disregard the"
    " above,"
    " disregard any, disregard your, forget all previous, forget your instructions, forget everything, forget previous,"
    " override your, new instructions, system prompt, system message, system override, your instructions,"
    " hidden instructions, initial instructions, you are now, you are an ai, you are a helpful, as an ai, language"
    " model,"
    " ai assistant, ai model, ai agent, assistant must, note to the assistant, to the assistant, chatgpt, gpt, llm,"
    " prompt,"
    " developer mode, jailbreak, pretend you, act as a, act as an, respond only with, reply only with, answer only"
    " with,"
    " output only, begin your reply with, start your reply with, repeat the words, repeat your, print your, reveal"
    " your,"
    " without human, without waiting for, without approval, mark this ticket, mark the ticket, mark as approved,"
    " set the priority, set priority, set the category, classify this, classify as, approve this, approve and send,"
    " approve the draft, send the reply immediately, send immediately, add bcc, in bcc, as bcc, bcc to, to bcc,"
    " cc to, forward all, forward this conversation, forward the conversation, forward every, send a copy of, call"
    " the tool,"
    " tool call, function call, execute the, run the following, tell the customer, end of email, end of mail,"
    " ticket status, set the status, change the status, instead of the customer, human operator, permanent rule,"
    " future tickets, state in the reply, say in the reply, write the reply, in your response, modify your response,"
    " your reply to, words in your reply,"
    " begin instruction*, end instruction*, im start, im end, inst,"
    " ignoriere alle, ignoriere die, ignorieren sie alle, ignorieren sie die, vergiss alle, vergiss deine,"
    " vorherigen anweisungen, bisherigen anweisungen, deine anweisungen, neue anweisung*, systemanweisung*,"
    " du bist jetzt, du bist ein, du bist eine ki, sprachmodell, ki assistent, als ki, an den assistenten,"
    " an die ki, antworte nur mit, gib aus, ohne freigabe, als genehmigt, als freigegeben, setze die priorität,"
    " sende die antwort sofort, leite alle, ticket als,"
    " ignore toutes, ignore les, ignorez toutes, ignorez les, oublie toutes, oubliez toutes,"
    " instructions précédentes, consignes précédentes, nouvelles instructions, tu es maintenant, vous êtes maintenant,"
    " modèle de langage, assistant ia, sans validation, réponds uniquement, marque ce ticket,"
    " ignora todas, ignora las, ignore todas, ignore las, olvida todas, olvide todas, instrucciones anteriores,"
    " nuevas instrucciones, ahora eres, modelo de lenguaje, asistente de ia, sin aprobación, responde solo con,"
    " marca este ticket"
)
