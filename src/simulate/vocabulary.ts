/** Words of one kind of simulated query each, the likelier ones first: 80 nouns of a topic. */
export const TOPIC_WORDS = [
  // Orders and deliveries
  "order parcel delivery refund invoice customer shipment return voucher warehouse courier receipt basket checkout " +
    "discount coupon subscription retailer stock product package tracking label address exchange warranty catalogue " +
    "supplier carrier depot pallet barcode seller buyer payment cart gift outlet store counter cashier membership " +
    "loyalty reward complaint claim replacement repair manual accessory battery charger cable adapter headphone " +
    "keyboard monitor printer cartridge camera tripod backpack jacket sneaker sweater mattress pillow blanket lamp " +
    "drawer shelf cabinet bicycle helmet tent kettle blender toaster vacuum iron",
  // Programming
  "function variable loop array string pointer compiler parser thread mutex queue stack tree hash index database " +
    "schema migration transaction cursor endpoint request response header cookie token cache proxy server client " +
    "socket packet firewall container cluster pipeline branch commit merge repository module library manifest " +
    "dependency interface class object method constructor closure iterator generator exception debugger profiler " +
    "benchmark fixture assertion mock coverage linter formatter regex encoder decoder serializer buffer stream " +
    "kernel driver scheduler allocator bytecode runtime callback promise webhook payload timestamp shell",
  // Money
  "loan mortgage interest deposit savings pension dividend bond share portfolio broker fund ledger budget salary " +
    "payroll tax deduction audit expense revenue profit margin asset liability equity debt creditor debtor default " +
    "collateral premium insurance annuity inflation currency euro dollar yen bank banknote account overdraft " +
    "statement balance transfer wire cheque card wallet merchant fee commission tariff subsidy grant levy accountant " +
    "auditor treasurer investor trader hedge option future yield maturity escrow stockbroker valuation forecast " +
    "cashflow turnover inventory depreciation amortisation goodwill dilution buyback prospectus",
  // Health
  "patient doctor nurse clinic hospital surgery symptom fever cough headache allergy asthma diabetes vaccine dose " +
    "tablet capsule syrup antibiotic virus bacteria infection wound bandage fracture muscle tendon joint spine " +
    "kidney liver lung heart artery vein blood plasma platelet biopsy scan ultrasound diagnosis prognosis therapy " +
    "rehabilitation diet vitamin mineral protein calorie cholesterol insulin hormone thyroid immune antibody allergen " +
    "rash eczema migraine nausea fatigue insomnia anxiety pregnancy midwife infant dentist molar gum optician retina " +
    "cornea hearing pharmacy prescription placebo trial cohort mortality",
  // Law
  "contract clause tenant landlord lease court judge jury lawyer attorney plaintiff defendant witness testimony " +
    "evidence verdict appeal statute regulation ordinance licence permit patent trademark copyright royalty " +
    "infringement damages injunction settlement arbitration mediator notary deed probate inheritance estate trustee " +
    "beneficiary custody divorce adoption guardian visa asylum citizenship passport employer employee dismissal " +
    "severance overtime discrimination harassment privacy consent disclosure subpoena warrant bail parole probation " +
    "felony fraud theft perjury negligence indemnity estoppel covenant jurisdiction treaty amendment " +
    "constitution ballot tribunal ombudsman compliance bylaw quorum",
  // Travel
  "flight airport airline ticket luggage suitcase gate boarding layover itinerary hotel hostel reservation lobby " +
    "suite balcony shuttle taxi tram ferry cruise harbour island beach lagoon reef mountain trail summit valley " +
    "canyon glacier waterfall forest desert safari museum gallery castle cathedral monument plaza market bazaar " +
    "festival carnival concert stadium guidebook map compass border customs embassy roaming timezone season monsoon " +
    "sunrise sunset campsite caravan motorway toll petrol rental scooter railway platform conductor timetable " +
    "seatbelt cockpit pilot steward lounge souvenir postcard vineyard tasting",
  // Cooking
  "recipe oven saucepan skillet whisk spatula colander flour sugar butter yeast dough pastry crust bread baguette " +
    "muffin pancake waffle omelette egg milk cream yoghurt cheese tofu lentil chickpea rice noodle pasta risotto soup " +
    "broth stew curry chilli garlic onion shallot carrot celery potato tomato pepper spinach cabbage broccoli mushroom " +
    "aubergine pumpkin lemon orange apple pear cherry raspberry walnut almond sesame cinnamon ginger turmeric basil " +
    "oregano rosemary thyme parsley vinegar mustard mayonnaise marinade salmon shrimp chicken turkey bacon dessert " +
    "custard meringue",
  // Science
  "planet orbit comet galaxy telescope photon electron proton neutron atom molecule isotope crystal magnet circuit " +
    "voltage current resistor laser prism spectrum wavelength frequency amplitude pendulum friction gravity momentum " +
    "velocity acceleration pressure entropy enthalpy catalyst reagent solvent titration polymer enzyme genome " +
    "chromosome mutation species fossil sediment volcano earthquake tectonics erosion aquifer plankton algae fungus " +
    "pollen larva mammal reptile habitat ecosystem predator climate cyclone humidity barometer ozone methane carbon " +
    "nitrogen phosphorus equation theorem integral matrix vector probability variance hypothesis experiment telemetry lichen",
].map(split);

/** Adjectives of one step of difficulty each, from easy to hard, the likelier ones first: 40 a step. */
export const BAND_WORDS = [
  "simple short quick basic small easy plain single clear cheap brief tiny familiar neat light ordinary modest " +
    "everyday obvious gentle tidy minimal elementary handy friendly bright smooth narrow mild direct trivial casual " +
    "honest humble popular cosy fresh ready soft sunny",
  "usual common standard regular typical normal average recent new local practical useful convenient affordable " +
    "sensible reliable steady moderate decent proper suitable official public general central available present " +
    "seasonal monthly weekly annual domestic private personal original annotated printed digital portable seasoned",
  "mixed detailed separate particular specific technical formal extra combined partial uneven patchy flexible " +
    "adjustable custom additional alternative independent external internal parallel secondary temporary conditional " +
    "optional quarterly regional incomplete delayed damaged disputed overdue missing hidden revised shared layered " +
    "weighted ambiguous duplicate",
  "complicated unusual rare advanced sensitive critical urgent fragile conflicting overlapping irregular unstable " +
    "volatile uncertain precarious undocumented specialised confidential multilingual nonlinear recursive nested " +
    "asymmetric cumulative stochastic contradictory borderline exceptional exhaustive rigorous systematic " +
    "interdependent provisional retroactive contested obscure opaque subtle intricate elaborate",
  "adversarial counterintuitive underdetermined paradoxical intractable unprecedented multifaceted " +
    "interdisciplinary combinatorial heterogeneous nondeterministic degenerate pathological chaotic transcendental " +
    "axiomatic undecidable inconclusive overconstrained multidimensional irreversible asymptotic perturbative " +
    "noncommutative hypothetical speculative esoteric labyrinthine convoluted byzantine formidable perplexing " +
    "unsolved unfathomable inscrutable elusive tangled daunting arcane abstruse",
].map(split);

function split(words: string): string[] {
  return words.split(" ");
}
