"""Feeds as well-known programs write them, each with one entry, made up."""

ATOM = 'xmlns="http://www.w3.org/2005/Atom"'
SHAPES = {
    "WordPress": """<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
        xmlns:wfw="http://wellformedweb.org/CommentAPI/" xmlns:dc="http://purl.org/dc/elements/1.1/"
        xmlns:atom="http://www.w3.org/2005/Atom" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"
        xmlns:slash="http://purl.org/rss/1.0/modules/slash/"><channel><title>Le blog</title>
        <atom:link href="https://a.test/feed/" rel="self" type="application/rss+xml" /><link>https://a.test</link>
        <sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>
        <image><url>https://a.test/i.png</url><title>Le blog</title><link>https://a.test</link></image>
        <item><title>La lampe &#8211; retour</title><link>https://a.test/1</link>
        <comments>https://a.test/1#comments</comments><dc:creator><![CDATA[Camille]]></dc:creator>
        <pubDate>Fri, 20 Nov 2026 08:00:00 +0000</pubDate><category><![CDATA[Lampes]]></category>
        <guid isPermaLink="false">https://a.test/?p=1</guid>
        <description><![CDATA[<p>Court [&#8230;]</p>]]></description>
        <content:encoded><![CDATA[<p>Long, l’été</p>]]></content:encoded>
        <wfw:commentRss>https://a.test/1/feed</wfw:commentRss><slash:comments>3</slash:comments></item></channel></rss>""",
    "Blogger": f"""<feed {ATOM} xmlns:gd="http://schemas.google.com/g/2005"
        xmlns:thr="http://purl.org/syndication/thread/1.0"><id>tag:blogger.com,1999:blog-1</id>
        <title type="text">B</title>
        <link rel="http://schemas.google.com/g/2005#feed" type="application/atom+xml" href="https://a.test/f"/>
        <entry gd:etag="x"><id>tag:blogger.com,1999:blog-1.post-2</id>
        <published>2026-11-20T08:00:00.001+01:00</published>
        <category scheme="http://www.blogger.com/atom/ns#" term="lampe"/><title type="html">T &amp;amp; u</title>
        <content type="html">&lt;p&gt;Texte&lt;/p&gt;</content>
        <link rel="replies" type="application/atom+xml" href="https://a.test/c" title="Comments"/>
        <link rel="alternate" type="text/html" href="https://a.test/2" title="T"/>
        <author><name>Camille</name><uri>https://a.test/u</uri><email>noreply@blogger.com</email>
        <gd:image rel="http://schemas.google.com/g/2005#thumbnail" width="16" height="16" src="https://a.test/i"/></author>
        <thr:total>0</thr:total></entry></feed>""",
    "Reddit": f"""<feed {ATOM} xmlns:media="http://search.yahoo.com/mrss/"><category term="r" label="r/r"/>
        <updated>2026-11-20T08:00:00+00:00</updated><title>r</title><entry><author><name>/u/camille</name>
        <uri>https://www.reddit.com/user/camille</uri></author><category term="r" label="r/r"/>
        <content type="html">&lt;!-- SC_OFF --&gt;&lt;p&gt;Nul&lt;/p&gt;</content><id>t3_1</id>
        <media:thumbnail url="https://a.test/t.jpg"/><link href="https://www.reddit.com/r/r/1/"/>
        <updated>2026-11-20T08:00:00+00:00</updated><published>2026-11-20T07:00:00+00:00</published>
        <title>Avis</title></entry></feed>""",
    "YouTube": f"""<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns:media="http://search.yahoo.com/mrss/"
        {ATOM}><id>yt:channel:1</id><yt:channelId>1</yt:channelId><title>C</title><entry><id>yt:video:1</id>
        <yt:videoId>1</yt:videoId><title>Lampe</title><link rel="alternate" href="https://www.youtube.com/watch?v=1"/>
        <author><name>C</name><uri>https://www.youtube.com/channel/1</uri></author>
        <published>2026-11-20T08:00:00+00:00</published><media:group><media:title>Lampe !</media:title>
        <media:content url="https://a.test/v" type="application/x-shockwave-flash" width="640" height="390"/>
        <media:description>La description</media:description><media:community>
        <media:starRating count="1" average="5.00" min="1" max="5"/></media:community></media:group></entry></feed>""",
    "Mastodon": """<rss version="2.0" xmlns:webfeeds="http://webfeeds.org/rss/1.0" xmlns:media="http://search.yahoo.com/mrss/">
        <channel><title>Camille</title><image><url>https://a.test/i</url><title>C</title><link>https://a.test/@c</link></image>
        <webfeeds:icon>https://a.test/i</webfeeds:icon><item><guid isPermaLink="true">https://a.test/@c/1</guid>
        <link>https://a.test/@c/1</link><pubDate>Fri, 20 Nov 2026 08:00:00 +0000</pubDate>
        <description>&lt;p&gt;Ma lampe n&#39;est jamais arriv&eacute;e&lt;/p&gt;</description>
        <media:content url="https://a.test/m.png" type="image/png" fileSize="9" medium="image">
        <media:rating scheme="urn:simple">nonadult</media:rating>
        <media:description type="plain">Une lampe</media:description></media:content>
        <category>lampe</category></item></channel></rss>""".replace("&eacute;", "&#233;"),
    "Google Alerts": f"""<feed {ATOM} xmlns:idx="urn:atom-extension:indexing"><id>tag:google.com,2005:reader/user/1</id>
        <title>Google Alert - Atelier</title><link href="https://www.google.com/alerts/feeds/1/1" rel="self"/>
        <entry><id>tag:google.com,2013:googlealerts/feed:1</id>
        <title type="html">Avis &lt;b&gt;Atelier&lt;/b&gt;</title>
        <link href="https://www.google.com/url?rct=j&amp;sa=t&amp;url=https://a.test/1&amp;ct=ga"/>
        <published>2026-11-20T08:00:00Z</published><updated>2026-11-20T08:00:00Z</updated>
        <content type="html">Un &lt;b&gt;avis&lt;/b&gt;&amp;nbsp;...</content>
        <author><name></name></author></entry></feed>""",
    "Google News": """<rss xmlns:media="http://search.yahoo.com/mrss/" version="2.0"><channel>
        <generator>NFE/5.0</generator><title>"Atelier" - Google News</title><language>fr</language><item>
        <title>Titre - Journal</title><link>https://news.google.com/rss/articles/CBMi?oc=5</link>
        <guid isPermaLink="false">CBMi</guid><pubDate>Fri, 20 Nov 2026 08:00:00 GMT</pubDate>
        <description>&lt;a href="https://a.test" target="_blank"&gt;Titre&lt;/a&gt;</description>
        <source url="https://a.test">Journal</source></item></channel></rss>""",
    "Discourse": """<rss version="2.0" xmlns:discourse="http://www.discourse.org/" xmlns:dc="http://purl.org/dc/elements/1.1/"
        xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>Forum</title><link>https://a.test/latest</link>
        <lastBuildDate>Fri, 20 Nov 2026 08:00:00 +0000</lastBuildDate><item><title>Retour</title>
        <dc:creator><![CDATA[@camille Camille Exemple]]></dc:creator><description><![CDATA[<p>Nul</p>]]></description>
        <link>https://a.test/t/1</link><discourse:topicPinned>No</discourse:topicPinned>
        <guid isPermaLink="false">a.test-topic-1</guid><source url="https://a.test/t/1.rss">Retour</source></item>
        </channel></rss>""",
    "an app store": f"""<feed xmlns:im="http://itunes.apple.com/rss" {ATOM} xml:lang="fr"><id>1</id><title>Avis</title>
        <entry><updated>2026-11-20T08:00:00-07:00</updated><id>1</id><title>Nul</title>
        <content type="text">Non</content>
        <im:voteSum>0</im:voteSum><im:rating>1</im:rating><im:contentType term="Application" label="Application"/>
        <author><name>camille</name><uri>https://a.test/u</uri></author></entry></feed>""",
    "RDF": """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
        xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://a.test/"><title>T</title><items>
        <rdf:Seq><rdf:li rdf:resource="https://a.test/1"/></rdf:Seq></items></channel>
        <item rdf:about="https://a.test/1"><title>Un</title><link>https://a.test/1</link>
        <dc:date>2026-11-20T08:00:00Z</dc:date><dc:creator>Camille</dc:creator></item></rdf:RDF>""",
}
