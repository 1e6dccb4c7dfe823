"""
Texts scanned by presidio's recognizers of the kinds that Attune scans for, by patterns alone: no language model, and no
words of context, which need one.

    pip install presidio-analyzer==2.2.366
    python personal_data.py settings.json
"""

import json
import sys
import time
from itertools import islice

import tldextract
from measured import measured
from presidio_analyzer.predefined_recognizers import (
    CreditCardRecognizer,
    EmailRecognizer,
    IbanRecognizer,
    IpRecognizer,
    PhoneRecognizer,
    UsSsnRecognizer,
    UkNinoRecognizer,
    EsNifRecognizer,
    ItFiscalCodeRecognizer,
)

settings = json.load(open(sys.argv[1]))
# Its recognizer of addresses would fetch the list of domains.
tldextract.extract = tldextract.TLDExtract(suffix_list_urls=())
REGIONS = ("US", "GB", "DE", "FR", "ES", "IT", "NL", "IN", "BR", "AU")


def scan():
    with open(settings["texts"]["path"]) as file:
        texts = [line.rstrip("\n") for line in islice(file, settings["peerTexts"])]
    began, began_processors = time.perf_counter(), time.process_time()
    recognizers = [
        CreditCardRecognizer(),
        EmailRecognizer(),
        IbanRecognizer(),
        IpRecognizer(),
        PhoneRecognizer(supported_regions=REGIONS),
        UsSsnRecognizer(),
        UkNinoRecognizer(),
        EsNifRecognizer(),
        ItFiscalCodeRecognizer(),
    ]
    found = 0
    for text in texts:
        finds = [find for each in recognizers for find in each.analyze(text, each.supported_entities, None) or []]
        found += len(finds) > 0
    return {}, {
        "searchSeconds": time.perf_counter() - began,
        "searchProcessorSeconds": time.process_time() - began_processors,
        "textsWithFinds": found,
    }


measured(scan)
