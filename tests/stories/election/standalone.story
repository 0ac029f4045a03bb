# A server without an ensemble holds no election and has no epoch to agree on.
ensemble 1 standalone
until serves 1
c1 at 1
c1 create /a "alone"
until answered c1
crash 1
start 1
until connected c1
c1 get /a
until answered c1
----
1: started, LEADING
1: serves
1: proposed 0|1 createSession 10000 ms
1: logged 0|1, committed 0|1 by 1
1: proposed 0|2 create /a
c1: session open
1: logged 0|2, committed 0|2 by 1
c1: create /a "alone": /a
1: fell
1: started, LEADING
1: serves
c1: connection lost
holds: agreement, total order, primary order, durability
