# A client vanishes; when its session has expired, so has what it left behind.
ensemble 3 seed=15 leader=3
c1 at 1
until connected c1
c1 create /here "I am" ephemeral
until answered c1
c2 at 2
until connected c2
c2 exists /here watch
until answered c2
c1 disconnect
until watched c2 within 40s
c2 exists /here
until answered c2
----
3: proposed 1|1 createSession 10000 ms
1: logged 1|1, acked
3: logged 1|1
2: logged 1|1, acked
3: committed 1|1 by 1,3
c1: session open
3: proposed 1|2 create /here
3: logged 1|2
2: logged 1|2, acked
1: logged 1|2, acked
3: committed 1|2 by 1,3
c1: create /here "I am" ephemeral: /here
3: proposed 1|3 createSession 10000 ms
2: logged 1|3, acked
3: logged 1|3
3: committed 1|3 by 2,3
1: logged 1|3, acked
c2: session open
c2: exists /here watch: version 0
c1: connection lost
3: expired the session of c1, proposed 1|4 closeSession
3: logged 1|4
2: logged 1|4, acked
1: logged 1|4, acked
3: committed 1|4 by 2,3
c2: watch: Deleted /here
c2: exists /here: NoNode
holds: agreement, total order, primary order, durability
