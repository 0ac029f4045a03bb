# A follower that was away for a while gets only what it missed.
ensemble 3 seed=9 leader=3
c1 at 3
until connected c1
c1 create /a "1"
until settled
crash 1
c1 set /a "2"
c1 set /a "3"
until answered c1
start 1
until settled
----
3: proposed 1|1 createSession 10000 ms
3: logged 1|1
1: logged 1|1, acked
2: logged 1|1, acked
3: committed 1|1 by 2,3
c1: session open
3: proposed 1|2 create /a
1: logged 1|2, acked
3: logged 1|2
2: logged 1|2, acked
3: committed 1|2 by 1,3
c1: create /a "1": /a
1: fell
3: proposed 1|3 setData /a
3: proposed 1|4 setData /a
3: logged 1|3
3: logged 1|4
2: logged 1|3, acked
3: committed 1|3 by 2,3
2: logged 1|4, acked
c1: set /a "2": version 1
3: committed 1|4 by 2,3
c1: set /a "3": version 2
1: started, LOOKING
1: elected (3, 0|0, 1) in round 1, FOLLOWING 3
3: plans DIFF 1|4 and 2 more for 1
1: current epoch 1
1: logged 1|3
1: logged 1|4
1: serves
holds: agreement, total order, primary order, durability
