// The camera, from the wish to use it to the picture that was taken.

/**
 * Shows the camera in a panel and gives the moment at which the reader takes the picture.
 *
 * @param panel - Holds a video and buttons with the classes `take` and `close`.
 * @param take - Is given the video while it still shows that moment.
 * @throws Error in words if there is no camera or it may not be used.
 */
export async function openCamera(panel, take) {
  const video = panel.querySelector('video');
  const stream = await navigator.mediaDevices
    .getUserMedia({ video: { facingMode: 'environment' } })
    .catch((error) => {
      throw new Error(
        error.name === 'NotAllowedError'
          ? 'The browser does not allow the camera on this page.'
          : 'No camera was found.',
      );
    });
  const close = () => {
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
    panel.hidden = true;
  };
  video.srcObject = stream;
  panel.hidden = false;
  await video.play();
  panel.querySelector('.close').onclick = close;
  panel.querySelector('.take').onclick = () => {
    take(video);
    close();
  };
  panel.querySelector('.take').focus();
}
