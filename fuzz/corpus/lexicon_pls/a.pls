<?xml version="1.0"?>
<lexicon version="1.0" alphabet="ipa" xml:lang="en" xmlns="http://www.w3.org/2005/01/pronunciation-lexicon">
<meta name="source" content="desk"/>
<lexeme role="claws:VVD">
<grapheme>read</grapheme><phoneme prefer="true">ɹɛd</phoneme>
</lexeme>
<lexeme role="place"><grapheme>K&#x6d;A</grapheme><alias>weather office</alias><example>x</example></lexeme>
</lexicon>
