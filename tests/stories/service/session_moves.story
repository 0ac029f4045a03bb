# A client whose server fell goes on at another one with the session it has.
ensemble 3 seed=20 leader=3
c1 anywhere
until connected c1
c1 create /mine "1" ephemeral
until answered c1
crash 1
wait 500ms
until connected c1
c1 get /mine
until answered c1
----
3: proposed 1|1 createSession 10000 ms
3: logged 1|1
2: logged 1|1, acked
3: committed 1|1 by 2,3
1: logged 1|1, acked
c1: session open
3: proposed 1|2 create /mine
3: logged 1|2
1: logged 1|2, acked
3: committed 1|2 by 1,3
2: logged 1|2, acked
c1: create /mine "1" ephemeral: /mine
1: fell
c1: connection lost
c1: session open
c1: get /mine: "1" version 0
holds: agreement, total order, primary order, durability
