# Three groups of three: four servers decide if they win two groups, and five may not.
ensemble 9 seed=4 members "server.1=a:1:2:participant,server.2=b:1:2:participant,server.3=c:1:2:participant,server.4=d:1:2:participant,server.5=e:1:2:participant,server.6=f:1:2:participant,server.7=g:1:2:participant,server.8=h:1:2:participant,server.9=i:1:2:participant,group.1=1:2:3,group.2=4:5:6,group.3=7:8:9,weight.1=1,weight.2=1,weight.3=1,weight.4=1,weight.5=1,weight.6=1,weight.7=1,weight.8=1,weight.9=1" down
start 1
start 4
start 7
start 8
start 9
wait 3s
expect role 9 LOOKING
crash 7
crash 8
crash 9
start 2
start 5
until serving
c1 at 5
c1 create /a "x"
until answered c1
----
1: started, LOOKING
4: started, LOOKING
7: started, LOOKING
8: started, LOOKING
9: started, LOOKING
7: fell
8: fell
9: fell
2: started, LOOKING
5: started, LOOKING
1: elected (9, 0|0, 0) in round 1, FOLLOWING 9
5: elected (9, 0|0, 0) in round 1, FOLLOWING 9
4: elected (9, 0|0, 0) in round 1, FOLLOWING 9
2: elected (9, 0|0, 0) in round 1, FOLLOWING 9
5: LOOKING
1: LOOKING
4: LOOKING
2: LOOKING
2: elected (5, 0|0, 0) in round 2, FOLLOWING 5
1: elected (5, 0|0, 0) in round 2, FOLLOWING 5
5: elected (5, 0|0, 0) in round 2, LEADING
4: elected (5, 0|0, 0) in round 2, FOLLOWING 5
5: accepted epoch 1
1: accepted epoch 1
2: accepted epoch 1
4: accepted epoch 1
5: current epoch 1, plans DIFF 0|0 and 0 more for 1, plans DIFF 0|0 and 0 more for 2, plans DIFF 0|0 and 0 more for 4
4: current epoch 1
2: current epoch 1
1: current epoch 1
5: epoch 1 established
5: serves
2: serves
4: serves
1: serves
5: proposed 1|1 createSession 10000 ms
5: logged 1|1
4: logged 1|1, acked
2: logged 1|1, acked
1: logged 1|1, acked
5: committed 1|1 by 1,2,4,5
c1: session open
5: proposed 1|2 create /a
2: logged 1|2, acked
1: logged 1|2, acked
5: logged 1|2
4: logged 1|2, acked
5: committed 1|2 by 1,2,4,5
c1: create /a "x": /a
holds: agreement, total order, primary order, durability
